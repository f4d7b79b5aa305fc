"""The status of a job as server-sent events, also cut, mute or badly written."""

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.fal_answers import status_of
from tests.emulators.jobs import Job
from tests.emulators.misbehave import hang_up
from tests.emulators.server import Fault

if TYPE_CHECKING:
    from tests.emulators.fal import FalEmulator

STREAM_FAULTS = frozenset(
    {
        "cut_after",
        "no_events",
        "ping_only",
        "close_without_completed",
        "wrong_content_type",
        "twice",
        "awkward",
    }
)


async def stream(
    emulator: "FalEmulator", request: web.Request, job: Job, fault: Fault | None
) -> web.StreamResponse:
    """Send each change of a job until it has ended, a comment whenever nothing happens for long."""
    name = fault.name if fault else ""
    values = dict(fault.values) if fault else {}
    answer = web.StreamResponse(headers={"Cache-Control": "no-store", "x-fal-request-id": job.id})
    answer.content_type = "text/html" if name == "wrong_content_type" else "text/event-stream"
    await answer.prepare(request)
    if name == "no_events":
        await asyncio.Event().wait()
    with suppress(ConnectionError):  # the client may leave
        while name == "ping_only":
            await answer.write(b": ping\n\n")
            await asyncio.sleep(values.get("seconds", 0.05))
        await _tell(emulator, request, job, answer, name, int(values.get("events", 0)))
    return answer


async def _tell(
    emulator: "FalEmulator",
    request: web.Request,
    job: Job,
    answer: web.StreamResponse,
    flaw: str,
    most: int,
) -> None:
    logs = request.query.get("logs", "0") in {"1", "true"}
    told = sent = 0
    while True:
        if flaw == "cut_after" and sent >= most:
            hang_up(request)
            return
        if flaw == "close_without_completed" and job.ended:
            return
        body = status_of(emulator, job, logs=logs, since=told)
        told = len(job.logs)
        for _ in range(2 if flaw == "twice" else 1):
            await _write(answer, body, awkward=flaw == "awkward")
        sent += 1
        if job.ended:
            return
        await _quiet(emulator, job, answer)


async def _quiet(emulator: "FalEmulator", job: Job, answer: web.StreamResponse) -> None:
    while not await job.news(emulator.ping_seconds):
        await answer.write(b": ping\n\n")


async def _write(answer: web.StreamResponse, body: dict[str, Any], *, awkward: bool) -> None:
    if not awkward:
        await answer.write(f"data: {json.dumps(body)}\n\n".encode())
        return
    lines = "\r\n".join(f"data: {line}" for line in json.dumps(body, indent=1).splitlines())
    for byte in f"{lines}\r\n\r\n".encode():
        await answer.write(bytes((byte,)))
