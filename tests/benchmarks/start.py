"""From the command to a studio that answers."""

import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.benchmarks import seeding
from tests.benchmarks.processes import running
from tests.benchmarks.service import Service
from tests.benchmarks.table import Goal, Result, Row, share
from tests.benchmarks.town import served, settings_for, town

HOW = """\
From starting `nano-banana serve` until its banner stands and `/healthz` answers, the middle of
several starts, with files in the cache of the system. A first start also makes the database.
All surfaces: Telegram, Discord, web chat, fal.ai, Replicate. The floor is a Python that imports
the same libraries and ends."""


async def measure(folder: Path, *, quick: bool) -> Result:
    """Start again and again, in turn with the floor."""
    times, jobs, messages = (1, 100, 2000) if quick else (7, 1000, 100_000)
    async with town(folder, "telegram", "discord", "fal", "replicate") as services:
        await services["fal"].set("manual", value=True)
        await services["telegram"].tell("people", 1)
        used = folder / "used" / "data" / "studio.db"
        await seeding.messages(used, messages)
        await seeding.open_jobs(used, jobs)
        bare = await _middle(times, lambda _: _bare(folder, surfaces=False))
        full = await _middle(times, lambda _: _bare(folder, surfaces=True))
        alone = await _middle(times, lambda number: _start(folder / f"alone{number}", {}))
        first = await _middle(times, lambda number: _start(folder / f"first{number}", services))
        again = await _middle(times, lambda _: _start(folder / "used", services))
    work = f"start with {jobs:,} open jobs and {messages:,} messages"
    rows = [
        Row("first start without a key", "ms", alone, bare, Goal(2000)),
        Row("first start with all surfaces", "ms", first, full, Goal(2000)),
        Row(work, "ms", again, full, Goal(2000)),
    ]
    return Result(HOW, tuple(rows))


async def _middle(times: int, start: Callable[[int], Awaitable[float]]) -> float:
    return share([await start(number) for number in range(times)], 50)


async def _start(folder: Path, services: dict[str, Service]) -> float:
    settings = await settings_for(services)
    began = time.perf_counter()
    async with served(folder, settings):
        return (time.perf_counter() - began) * 1000


async def _bare(folder: Path, *, surfaces: bool) -> float:
    facts = json.dumps(surfaces)
    began = time.perf_counter()
    async with running(folder, "tests.benchmarks.bare.imports", facts) as child:
        if await child.process.wait():
            raise RuntimeError(child.words.read_text())
        return (time.perf_counter() - began) * 1000
