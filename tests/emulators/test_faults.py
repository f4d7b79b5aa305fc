"""Every fault that can be named is reached, used up, and never a crash of the emulator."""

import asyncio
import logging

import httpx
import pytest

from tests.emulators.fal import FalEmulator
from tests.emulators.jobs import JobEmulator
from tests.emulators.replicate import ReplicateEmulator

ENOUGH = 1_000_000
PATIENCE = 0.1

FAL = "/fal-ai/flux"
FAL_ORDER = (f"{FAL}/schnell", {"prompt": "x", "image_size": "square"})
REPLICATE = "/v1/predictions"
REPLICATE_ORDER = (
    "/v1/models/black-forest-labs/flux-schnell/predictions",
    {"input": {"prompt": "x", "megapixels": "0.25"}},
)
VISITS = {
    "submit": None,
    "status": ("GET", f"{FAL}/requests/{{}}/status"),
    "stream": ("GET", f"{FAL}/requests/{{}}/status/stream"),
    "result": ("GET", f"{FAL}/requests/{{}}"),
    "cancel": ("PUT", f"{FAL}/requests/{{}}/cancel"),
    "file": None,
}
REPLICATE_VISITS = {
    "create": None,
    "get": ("GET", f"{REPLICATE}/{{}}"),
    "list": ("GET", REPLICATE),
    "result": ("GET", f"{REPLICATE}/{{}}"),
    "cancel": ("POST", f"{REPLICATE}/{{}}/cancel"),
    "file": None,
}


async def ask(
    http: httpx.AsyncClient, method: str, url: str, headers: dict[str, str], json: object = None
) -> None:
    """Read an answer as far as it goes, but not for ever."""
    taken = 0
    try:
        async with (
            asyncio.timeout(PATIENCE),
            http.stream(method, url, headers=headers, json=json) as answer,
        ):
            async for chunk in answer.aiter_raw():
                taken += len(chunk)
                if taken > ENOUGH:
                    break
    except (httpx.TransportError, TimeoutError):
        return


async def visit_all(emulator: JobEmulator, place: str, scheme: str) -> None:
    """Go to one place once for each fault that it knows."""
    fal = isinstance(emulator, FalEmulator)
    path, body = FAL_ORDER if fal else REPLICATE_ORDER
    visit = (VISITS if fal else REPLICATE_VISITS)[place]
    key = {"Authorization": f"{scheme} {emulator.key}", "Accept": "text/event-stream, */*"}
    emulator.manual = place == "cancel"
    async with httpx.AsyncClient(base_url=emulator.url, trust_env=False) as http:
        for name in sorted(emulator.faults[place]):
            emulator.fault(place, name, code=503, seconds=0.001)
            await ask(http, "POST", path, key, body)
            if place == "file":
                await ask(http, "GET", emulator.jobs[-1].urls[0], {})
            elif visit is not None:
                method, address = visit
                await ask(http, method, address.format(emulator.jobs[-1].id), key)
            assert not emulator._faults[place], name


@pytest.mark.parametrize("place", VISITS)
async def test_every_fault_of_fal_is_reached_once(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with FalEmulator() as emulator:
        await visit_all(emulator, place, "Key")

    assert emulator.broken_rules == []
    assert [line for line in caplog.records if line.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("place", REPLICATE_VISITS)
async def test_every_fault_of_replicate_is_reached_once(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with ReplicateEmulator() as emulator:
        await visit_all(emulator, place, "Bearer")

    assert emulator.broken_rules == []
    assert [line for line in caplog.records if line.levelno >= logging.ERROR] == []
