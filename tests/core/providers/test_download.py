"""Nothing but a picture comes in, and nothing but a public host is dialled."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore
import pytest

from core.errors import ProviderError, ProviderUnavailable, ResultLost
from core.providers.download import MOST_BYTES, Downloads
from core.providers.fal import Fal
from core.providers.guard import Unsafe, VettedBackend, is_public
from tests.core.providers.orders import generation, order_of, ordered, spec_of, steps_of
from tests.emulators.fal import FalEmulator
from tests.emulators.pictures import picture

SPEC = spec_of("fal", "flux-schnell")
ORDER = order_of(SPEC, generation(SPEC))
PICTURE = picture(64, 64)


@dataclass
class Decoy:
    """A host inside the house that nobody may reach."""

    port: int = 0
    connects: int = 0

    async def greet(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        writer.close()


@asynccontextmanager
async def decoy() -> AsyncGenerator[Decoy]:
    inside = Decoy()
    servers = [await asyncio.start_server(inside.greet, "127.0.0.1", 0)]
    inside.port = servers[0].sockets[0].getsockname()[1]
    servers.append(await asyncio.start_server(inside.greet, "::1", inside.port))
    async with servers[0], servers[1]:
        yield inside


HOSTS = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "0.0.0.0",  # noqa: S104  an address to refuse
    "localhost",
    "LOCALHOST.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "127.0.0.1%00.fal.media",
    "fal.media@127.0.0.1",
    "xn--n3h..test",
    "",
)


@pytest.mark.parametrize("host", HOSTS)
async def test_an_address_inside_the_house_is_never_dialled(host: str) -> None:
    async with decoy() as inside, Downloads("fal", frozenset(), 2.0) as downloads:
        for scheme in ("https", "http", "HTTPS", "ftp", "file", "gopher"):
            for port in (f":{inside.port}", ""):
                with pytest.raises(ProviderError):
                    await downloads._once(f"{scheme}://{host}{port}/x.png")
        assert inside.connects == 0


@pytest.mark.parametrize("host", HOSTS)
async def test_vetting_the_addresses_of_a_name_holds_without_any_other_check(host: str) -> None:
    async with decoy() as inside:
        with pytest.raises((Unsafe, httpcore.ConnectError)):
            await VettedBackend(frozenset()).connect_tcp(host.strip("[]"), inside.port, 1.0)
        assert inside.connects == 0


async def test_a_decoy_that_is_trusted_is_dialled() -> None:
    async with decoy() as inside:
        trusted = frozenset({f"localhost:{inside.port}"})
        stream = await VettedBackend(trusted).connect_tcp("localhost", inside.port, 1.0)
        assert await stream.read(1, 1.0) == b""
        await stream.aclose()
        assert inside.connects == 1


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",  # noqa: S104  an address to refuse
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_known_as_such(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450::1"])
def test_a_public_address_is_known_as_such(address: str) -> None:
    assert is_public(address)


@asynccontextmanager
async def downloads_from(falai: FalEmulator) -> AsyncGenerator[Downloads]:
    async with Downloads("fal", frozenset({urlsplit(falai.url).netloc}), 1.0) as downloads:
        yield downloads


def shelved(falai: FalEmulator, data: bytes) -> str:
    return f"{falai.url}/files/b/{falai.shelf.put(lambda: data, 'image/png')}"


async def test_a_trusted_host_is_read_without_the_key(falai: FalEmulator) -> None:
    async with downloads_from(falai) as downloads:
        assert await downloads.picture(shelved(falai, PICTURE)) == PICTURE
    assert "Authorization" not in falai.calls[0].headers


async def test_an_address_with_spaces_and_accents_is_read_all_the_same(
    falai: FalEmulator,
) -> None:
    name = falai.shelf.put(lambda: PICTURE, "image/png", name="un été\x01.png")
    async with downloads_from(falai) as downloads:
        assert await downloads.picture(f"{falai.url}/files/b/{name}") == PICTURE
        with pytest.raises(ResultLost):
            await downloads.picture("https://\ud800.test/x.png")


@pytest.mark.parametrize("flaw", ["html_200", "wrong_type", "zero", "garbage", "redirect"])
async def test_what_is_no_picture_is_lost(falai: FalEmulator, flaw: str) -> None:
    falai.fault("file", flaw)
    async with downloads_from(falai) as downloads:
        with pytest.raises(ResultLost):
            await downloads.picture(shelved(falai, PICTURE))


async def test_a_picture_without_an_end_is_cut_off(falai: FalEmulator) -> None:
    falai.fault("file", "endless")
    async with Downloads("fal", frozenset({urlsplit(falai.url).netloc}), 30.0) as downloads:
        with pytest.raises(ResultLost):
            await downloads.picture(shelved(falai, PICTURE))


@pytest.mark.parametrize("flaw", ["truncated", "drop", "nginx", "drip", "hang"])
async def test_what_stumbles_may_come_later(falai: FalEmulator, flaw: str) -> None:
    falai.fault("file", flaw, times=3)
    async with downloads_from(falai) as downloads:
        with pytest.raises(ProviderUnavailable):
            await downloads._once(shelved(falai, PICTURE))


async def test_a_hiccup_is_passed_over(falai: FalEmulator) -> None:
    falai.fault("file", "truncated")
    falai.fault("file", "nginx")
    async with downloads_from(falai) as downloads:
        assert await downloads.picture(shelved(falai, PICTURE)) == PICTURE


async def test_a_picture_inside_the_address_is_read_within_bounds() -> None:
    async with Downloads("fal", frozenset(), 1.0) as downloads:
        inline = base64.b64encode(PICTURE).decode()
        assert await downloads.picture(f"data:image/png;base64,{inline}") == PICTURE
        for wrong in ("data:,x", "data:image/png;base64,%%%", "data:image/png;base64,PGh0bWw+"):
            with pytest.raises(ResultLost):
                await downloads.picture(wrong)
        with pytest.raises(ResultLost):
            await downloads.picture("data:image/png;base64," + "A" * (MOST_BYTES * 2))


async def test_one_lost_picture_does_not_take_the_others_with_it(
    falai: FalEmulator, fal: Fal
) -> None:
    pair = order_of(SPEC, generation(SPEC, num_images=2))
    remote = await ordered(fal, pair)
    await steps_of(fal, remote)
    falai.fault("file", "html_200")
    made = await fal.result(remote, pair)
    assert (len(made.images), len(made.seeds)) == (1, 1)
