"""Every image store keeps the same promises."""

import asyncio
import hashlib
import os
import stat
from collections.abc import Generator
from pathlib import Path

import httpx
import obstore
import pytest
from moto.server import ThreadedMotoServer

from core.errors import StorageError
from storage.images import Images

DATA = b"\x89PNG not really" * 1000
NAME = hashlib.sha256(DATA).hexdigest()
PLACE = f"{NAME[:2]}/{NAME}"


@pytest.fixture(scope="module")
def s3() -> Generator[str]:
    """A loopback S3 with one bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.put(f"http://{host}:{port}/bucket").raise_for_status()
    yield f"http://{host}:{port}"
    server.stop()


def bucket(endpoint: str) -> Images:
    options = {
        "config": {
            "endpoint": endpoint,
            "region": "us-east-1",
            "access_key_id": "key",
            "secret_access_key": "secret",
        },
        "client_options": {"allow_http": True},
        "retry_config": {"max_retries": 0},
    }
    return Images.open("s3://bucket/studio", options)


@pytest.fixture(params=["file", "s3"])
def images(request: pytest.FixtureRequest, tmp_path: Path) -> Images:
    if request.param == "file":
        return Images.open(f"file://{tmp_path}/images")
    return bucket(request.getfixturevalue("s3"))


async def test_bytes_come_back_under_their_hash(images: Images) -> None:
    assert await images.put(DATA) == NAME
    assert await images.put(DATA) == NAME
    assert await images.get(NAME) == DATA


async def test_the_same_bytes_put_many_times_at_once_are_stored_whole(images: Images) -> None:
    async with asyncio.TaskGroup() as tasks:
        puts = [tasks.create_task(images.put(DATA)) for _ in range(8)]
    assert {put.result() for put in puts} == {NAME}
    assert await images.get(NAME) == DATA


async def test_deleted_bytes_are_missing_and_deleting_twice_is_no_error(images: Images) -> None:
    await images.put(DATA)
    await images.delete(NAME)
    await images.delete(NAME)
    with pytest.raises(StorageError) as caught:
        await images.get(NAME)
    assert (caught.value.key, caught.value.values) == ("error.image_missing", {"image": NAME})


@pytest.mark.parametrize("broken", [DATA[:-1], DATA[:-1] + b"?", b""])
async def test_bytes_that_are_not_what_their_name_says_are_refused(
    images: Images, broken: bytes
) -> None:
    await obstore.put_async(images.store, PLACE, broken)
    with pytest.raises(StorageError) as caught:
        await images.get(NAME)
    assert caught.value.key == "error.image_broken"


async def test_bytes_that_were_cut_short_are_mended_by_putting_them_again(images: Images) -> None:
    await obstore.put_async(images.store, PLACE, DATA[:10])
    await images.put(DATA)
    assert await images.get(NAME) == DATA


@pytest.mark.parametrize("name", ["../studio.db", "", NAME[:-1], NAME.upper(), f"{NAME}\n"])
async def test_a_name_that_is_no_hash_is_no_path(images: Images, name: str) -> None:
    with pytest.raises(StorageError) as caught:
        await images.get(name)
    assert caught.value.key == "error.image_missing"


async def test_nobody_else_on_the_machine_may_read_a_stored_image(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        await Images.open(f"file://{tmp_path}/data/images").put(DATA)
    finally:
        os.umask(before)
    made = list((tmp_path / "data").rglob("*"))
    assert [path.name for path in made] == ["images", NAME[:2], NAME]
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == [0o700, 0o700, 0o600]


async def test_a_store_that_cannot_be_reached_is_told_as_such() -> None:
    with pytest.raises(StorageError) as caught:
        await bucket("http://127.0.0.1:9").put(DATA)
    assert caught.value.key == "error.images_failing"
