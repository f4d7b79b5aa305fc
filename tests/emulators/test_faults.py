"""Every fault that can be named is reached, used up, and never a crash of the emulator."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest

from tests.emulators.fal import FalEmulator
from tests.emulators.jobs import JobEmulator
from tests.emulators.replicate import ReplicateEmulator
from tests.emulators.server import Fault

ENOUGH = 1_000_000
PATIENCE = 0.1
DEADLINE = 30

FAL = "/fal-ai/flux"
FAL_ORDER = (f"{FAL}/schnell", {"prompt": "x", "image_size": "square"})
REPLICATE = "/v1/predictions"
REPLICATE_ORDER = (
    "/v1/models/black-forest-labs/flux-schnell/predictions",
    {"input": {"prompt": "x", "megapixels": "0.25"}},
)
FILE = ""
"""The address of the file that the order made, which asks for no key."""

VISITS = {
    "submit": None,
    "status": ("GET", f"{FAL}/requests/{{}}/status"),
    "stream": ("GET", f"{FAL}/requests/{{}}/status/stream"),
    "result": ("GET", f"{FAL}/requests/{{}}"),
    "cancel": ("PUT", f"{FAL}/requests/{{}}/cancel"),
    "file": ("GET", FILE),
}
REPLICATE_VISITS = {
    "create": None,
    "get": ("GET", f"{REPLICATE}/{{}}"),
    "list": ("GET", REPLICATE),
    "result": ("GET", f"{REPLICATE}/{{}}"),
    "cancel": ("POST", f"{REPLICATE}/{{}}/cancel"),
    "file": ("GET", FILE),
}


async def ask(
    http: httpx.AsyncClient, method: str, url: str, headers: dict[str, str], json: object = None
) -> None:
    """Read an answer as far as it goes, but not for ever."""
    taken = 0
    try:
        async with http.stream(method, url, headers=headers, json=json) as answer:
            async for chunk in answer.aiter_raw():
                taken += len(chunk)
                if taken > ENOUGH:
                    break
    except httpx.TransportError:
        return


async def leave(asking: Coroutine[Any, Any, None], fault: Fault) -> None:
    """Give up on an answer that does not end, once its fault is met."""
    async with asyncio.TaskGroup() as group:
        answer = group.create_task(asking)
        async with asyncio.timeout(DEADLINE):
            await fault.met.wait()
        await asyncio.wait({answer}, timeout=PATIENCE)
        answer.cancel()


async def visit_all(emulator: JobEmulator, place: str, scheme: str) -> None:
    """Go to one place once for each fault that it knows."""
    fal = isinstance(emulator, FalEmulator)
    path, body = FAL_ORDER if fal else REPLICATE_ORDER
    visit = (VISITS if fal else REPLICATE_VISITS)[place]
    key = {"Authorization": f"{scheme} {emulator.key}", "Accept": "text/event-stream, */*"}
    emulator.manual = place == "cancel"
    async with httpx.AsyncClient(base_url=emulator.url, trust_env=False, timeout=DEADLINE) as http:
        for name in sorted(emulator.faults[place]):
            fault = emulator.fault(place, name, code=503, seconds=0.001)
            if visit is None:
                await leave(ask(http, "POST", path, key, body), fault)
                continue
            await ask(http, "POST", path, key, body)
            job, (method, address) = emulator.jobs[-1], visit
            url = job.urls[0] if address is FILE else address.format(job.id)
            await leave(ask(http, method, url, {} if address is FILE else key), fault)


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
