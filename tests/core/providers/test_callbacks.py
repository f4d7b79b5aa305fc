"""What a provider calls back with is believed only when it signed it, just now."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from core.ports import Callback
from core.providers.fal import Fal
from core.providers.replicate import Replicate
from tests.core.worker.workshop import Market, market
from tests.emulators.fal import FalEmulator
from tests.emulators.replicate import ReplicateEmulator

BODIES = {"fal": b'{"request_id": "r1", "status": "OK"}', "replicate": b'{"id": "r1"}'}
PUBLISHED = {"fal": "/.well-known/jwks.json", "replicate": "/v1/webhooks/default/secret"}
Headers = Mapping[str, str]


@pytest.fixture(params=["fal", "replicate"])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Market]:
    async with market(request.param) as opened:
        yield opened


def signed(shop: Market, flaw: str = "") -> Headers:
    headers = shop.emulator.sign("r1", BODIES[shop.name], flaw)
    return {name.lower(): value for name, value in headers.items()}


async def verify(shop: Market, headers: Headers, body: bytes = b"", **ago: float) -> str | None:
    now = datetime.now(UTC) + timedelta(**ago)
    callback = await shop.adapter.verify(headers, body or BODIES[shop.name], now)
    return None if callback is None else callback.remote


async def test_a_signed_message_names_its_job(shop: Market) -> None:
    assert await verify(shop, signed(shop)) == "r1"


@pytest.mark.parametrize("flaw", ["bad_signature", "unknown_key", "old_timestamp"])
async def test_a_forged_or_old_message_proves_nothing(shop: Market, flaw: str) -> None:
    assert await verify(shop, signed(shop, flaw)) is None


async def test_a_message_counts_for_five_minutes_only(shop: Market) -> None:
    headers = signed(shop)
    assert await verify(shop, headers, seconds=295) == "r1"
    assert await verify(shop, headers, seconds=310) is None
    assert await verify(shop, headers, seconds=-310) is None


async def test_a_signature_does_not_fit_another_body(shop: Market) -> None:
    other = BODIES[shop.name].replace(b"r1", b"r2")
    assert await verify(shop, signed(shop), other) is None


async def test_every_signed_line_counts(shop: Market) -> None:
    headers = signed(shop)
    for name in headers:
        spoilt = {**headers, name: headers[name][:-1] + "0" + headers[name][-1]}
        assert await verify(shop, spoilt) is None, name
        assert await verify(shop, {k: v for k, v in headers.items() if k != name}) is None, name


async def test_a_signed_message_without_a_name_proves_nothing(shop: Market) -> None:
    for body in (b"[]", b"no json", b'{"id": 7, "request_id": 7}'):
        headers = shop.emulator.sign("r1", body)
        lower = {name.lower(): value for name, value in headers.items()}
        assert await verify(shop, lower, body) is None


async def test_keys_are_asked_for_once_however_many_forgeries_come(shop: Market) -> None:
    for _ in range(20):
        assert await verify(shop, signed(shop, "unknown_key")) is None
        assert await verify(shop, signed(shop)) == "r1"
    assert len(shop.emulator.called("GET", PUBLISHED[shop.name])) == 1
    assert await verify(shop, signed(shop, "unknown_key"), minutes=2) is None
    assert len(shop.emulator.called("GET", PUBLISHED[shop.name])) == 2


async def test_a_key_that_fal_changed_is_asked_for_again() -> None:
    async with market("fal") as shop:
        assert await verify(shop, signed(shop)) == "r1"
        assert isinstance(shop.emulator, FalEmulator)
        shop.emulator.signer.rotate()
        assert await verify(shop, signed(shop), minutes=2) == "r1"


async def test_one_of_several_signatures_is_enough() -> None:
    async with market("replicate") as shop:
        headers = dict(signed(shop))
        wrong = b64encode(hashlib.sha256(b"x").digest()).decode()
        headers["webhook-signature"] = f"v1,{wrong} {headers['webhook-signature']} v2,x"
        assert await verify(shop, headers) == "r1"
        headers["webhook-signature"] = signed(shop)["webhook-signature"].replace("v1,", "v2,")
        assert await verify(shop, headers) is None


async def test_a_message_has_a_name_of_its_own() -> None:
    async with market("replicate") as shop:
        assert isinstance(shop.adapter, Replicate)
        headers = signed(shop)
        callback = await shop.adapter.verify(headers, BODIES["replicate"], datetime.now(UTC))
        assert callback == Callback(id=headers["webhook-id"], remote="r1")
        assert isinstance(shop.emulator, ReplicateEmulator)
    async with market("fal") as shop:
        assert isinstance(shop.adapter, Fal)
        callback = await shop.adapter.verify(signed(shop), BODIES["fal"], datetime.now(UTC))
        assert callback == Callback(id="r1", remote="r1")
