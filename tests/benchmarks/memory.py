"""How much memory the studio holds: idle, and with thousands of jobs waiting."""

import asyncio
import json
from pathlib import Path

from core.worker.queue import Shares
from tests.benchmarks import seeding
from tests.benchmarks.processes import Child, running
from tests.benchmarks.service import Service
from tests.benchmarks.table import Goal, Result, Row
from tests.benchmarks.town import served, settings_for, town
from tests.emulators.discord_wire import TOKEN
from tests.emulators.telegram import TEST_TOKEN

HOW = """\
Resident memory some seconds after the start, connected to emulated Telegram, Discord, fal.ai
and Replicate. The jobs lie in the database before the start: as many as one provider gets at once
are ordered at fal.ai, which leaves them queued, and the rest wait. The floor is python-
telegram-bot and discord.py in one process, both connected."""


async def measure(folder: Path, *, quick: bool) -> Result:
    """Start with and without open jobs."""
    count, settle = (500, 1.0) if quick else (5000, 4.0)
    async with town(folder, "telegram", "discord", "fal", "replicate") as services:
        await services["fal"].set("manual", value=True)
        await services["telegram"].tell("people", 1)
        floor = await _floor(folder, services, settle)
        await seeding.messages(folder / "idle" / "data" / "studio.db", 0)
        idle = await _ours(folder / "idle", services, settle)
        await seeding.open_jobs(folder / "busy" / "data" / "studio.db", count)
        busy = await _ours(folder / "busy", services, settle, ordered=Shares().per_provider)
    rows = [
        Row("memory, idle on all surfaces", "MiB", idle, floor),
        Row(f"memory with {count:,} jobs waiting, over idle", "MiB", busy - idle, None, Goal(150)),
    ]
    return Result(HOW, tuple(rows))


async def _floor(folder: Path, services: dict[str, Service], settle: float) -> float:
    discord = services["discord"]
    facts = {
        "telegram": {"url": services["telegram"].url, "token": TEST_TOKEN},
        "discord": {
            "api": await discord.ask("api_url"),
            "gateway": await discord.ask("gateway_url"),
            "token": TOKEN,
        },
    }
    async with running(folder, "tests.benchmarks.bare.idle", json.dumps(facts)) as child:
        return await _settled(child, services, 1, settle)


async def _ours(
    folder: Path, services: dict[str, Service], settle: float, ordered: int = 0
) -> float:
    polls = len(services["telegram"].called("/getUpdates"))
    # The jobs are one person's, whose own share would let but a few of them run.
    settings = {**await settings_for(services), "NANO_BANANA_JOBS_PER_USER": "100"}
    async with served(folder, settings) as studio:
        await services["fal"].until_called("/flux/schnell", ordered)
        return await _settled(studio.child, services, polls + 1, settle)


async def _settled(child: Child, services: dict[str, Service], polls: int, settle: float) -> float:
    await services["telegram"].until_called("/getUpdates", polls)
    await services["discord"].until_called("/gateway/ws/")
    await asyncio.sleep(settle)
    return child.mebibytes
