"""From the provider's done to the posted picture, and what a delivered picture costs in work."""

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from tests.benchmarks.bare.pictures import made
from tests.benchmarks.processes import Child, running
from tests.benchmarks.service import Service, until
from tests.benchmarks.table import Curve, Goal, Result, Row, share
from tests.benchmarks.town import FAL_KEY, Running, served, settings_for, town
from tests.emulators.telegram import TEST_TOKEN

HOW = """\
One picture of 1024 × 1024 pixels after another, asked for in the emulated Telegram and made by
the emulated fal.ai, each in its own process; no picture twice. The clock starts when fal's job
ends and stops when Telegram has the last byte of `sendPhoto`. Ours is the whole studio: it
checks, marks, stores and records the picture before it posts it. The floor is one loop over
python-telegram-bot's `get_updates`, httpx (order, status stream, result, picture) and
`send_photo`, which keeps nothing. The work is the processor time of that process, from the
message to the posted picture, poll and all."""
RUNS = 0.1
"""Seconds that a job runs: long enough for its status stream to be open."""
WARM = 3
"""Pictures before the clock starts."""


@dataclass(frozen=True)
class Measured:
    """What one side needed per picture, in milliseconds."""

    waits: list[float]
    work: float


async def measure(folder: Path, *, quick: bool) -> Result:
    """Ask both for the same pictures."""
    count = 5 if quick else 100
    async with town(folder, "telegram", "fal") as services:
        telegram, fal = services["telegram"], services["fal"]
        await fal.set("run_seconds", RUNS)
        await _warm_up(fal, count + WARM)
        facts = {
            "telegram": {"url": telegram.url, "token": TEST_TOKEN},
            "fal": {"url": fal.url, "key": FAL_KEY},
        }
        bare = running(folder, "tests.benchmarks.bare.pictures", json.dumps(facts))
        floor = await _measured(bare, telegram, fal, count)
        studio = served(folder, await settings_for(services))
        ours = await _measured(studio, telegram, fal, count)
    return Result(HOW, _rows(ours, floor), _curve(ours, floor))


def _rows(ours: Measured, floor: Measured) -> tuple[Row, ...]:
    name = "provider done to picture posted"
    over, most = Goal(25, over_floor=True), Goal(150)
    return (
        Row(f"{name}, p50", "ms", share(ours.waits, 50), share(floor.waits, 50), over),
        Row(f"{name}, p99", "ms", share(ours.waits, 99), share(floor.waits, 99), most),
        Row("processor time per delivered picture", "ms", ours.work, floor.work),
    )


def _curve(ours: Measured, floor: Measured) -> Curve:
    return Curve("Provider done to picture posted", ours.waits, floor.waits, 150)


async def _warm_up(fal: Service, count: int) -> None:
    """Fetch every picture once: the emulator draws it then, and remembers it."""
    headers = {"Authorization": f"Key {FAL_KEY}"}
    async with httpx.AsyncClient(headers=headers, base_url=fal.url, timeout=60) as client:
        for seed in range(count):
            await made(client, fal.url, f"warm --seed {seed}")


async def _measured(
    side: AbstractAsyncContextManager[Child | Running],
    telegram: Service,
    fal: Service,
    count: int,
) -> Measured:
    people = await telegram.tell("people", count + WARM)
    polls = len(telegram.called("/getUpdates"))
    jobs, posted = len(await fal.ask("jobs")) + WARM, len(telegram.called("/sendPhoto"))
    async with side as opened:
        child = opened.child if isinstance(opened, Running) else opened
        await telegram.until_called("/getUpdates", polls + 1)
        before = 0.0
        for seed, person in enumerate(people):
            if seed == WARM:
                before = child.seconds_of_work
            await telegram.tell("say", person, f"a fox in the snow --seed {seed}")
            await telegram.until_called("/sendPhoto", posted + seed + 1)
            await until(partial(_shown, telegram, person))
        await until(partial(_all_is_confirmed, telegram))
        work = (child.seconds_of_work - before) * 1000 / count
    done = [float(job["ended_at"]) for job in (await fal.ask("jobs"))[jobs:]]
    came = [float(call["at"]) for call in telegram.called("/sendPhoto")[posted + WARM :]]
    return Measured([(b - a) * 1000 for a, b in zip(done, came, strict=True)], work)


async def _shown(telegram: Service, person: int) -> bool:
    """Whether Telegram has taken the picture in, so that the next one finds it at rest."""
    return any(seen["caption"] for seen in await telegram.tell("messages", person))


async def _all_is_confirmed(telegram: Service) -> bool:
    """Whether nothing is left that the other side would be told again."""
    return await telegram.tell("unconfirmed") == 0
