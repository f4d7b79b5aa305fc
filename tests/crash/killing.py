"""Ending lives: at random moments, and at every place that has a name."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.crash.checker import Verdict, check
from tests.crash.people import QUICK, People
from tests.crash.points import COMMITTED, POINTS
from tests.crash.town import Town, open_town

DIES_WITHIN = 12.0
LISTENS_WITHIN = 8.0
LONGEST_LIFE = 1.2
"""Seconds after the start; most lives end before, some before they can hear anything."""

WAYS = {
    "status line": "write_slowly",
    "telegram edit": "write_slowly",
    "telegram clearing": "write_slowly",
    "telegram album": "write_for_album",
    "telegram words": "write_nonsense",
    "telegram press": "press_again",
    "answer named": "write_nonsense",
    "cancellation": "write_and_cancel",
    "job cancelled": "write_and_cancel",
    "job in_doubt": "write_while_orders_get_lost",
    "job failed": "write_while_it_fails",
    "delivery postponed": "write_while_telegram_fails",
    "fal cancel": "write_and_cancel",
    "replicate cancel": "cancel_at_replicate",
    "replicate": "write_for_replicate",
    "discord defer": "slash",
    "discord answer": "slash",
    "discord follow-up": "slash_aside",
    "discord post": "mention",
    "discord edit": "mention_slowly",
}
"""Who brings a life to a point: the first of these that its name begins with, or plain words."""


@dataclass
class Outcome:
    """What became of one data directory."""

    verdict: Verdict
    killed: int
    unreached: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])

    @property
    def wrong(self) -> list[str]:
        """List everything that should not be."""
        return [*self.verdict.wrong, *self.notes]


@asynccontextmanager
async def _inhabited(folder: Path, seed: int) -> AsyncGenerator[tuple[Town, People]]:
    folder.mkdir(parents=True, exist_ok=True)
    async with open_town(folder) as town:
        people = People(town, Random(seed))
        await people.settle()
        await people.pace(QUICK)
        yield town, people


async def _outcome(town: Town, people: People, unreached: list[str]) -> Outcome:
    """Let a clean life deliver what is owed, and judge."""
    status = await town.drain()
    await people.leave()
    notes = [*town.notes, *([f"the clean life ended with {status}"] if status else [])]
    verdict = await asyncio.to_thread(check, town.folder)
    return Outcome(verdict, town.killed, unreached, notes)


async def kill_at_random(folder: Path, seed: int, kills: int, seconds: float) -> Outcome:
    """Kill one life after another, each with several asks in flight."""
    until = time.monotonic() + seconds
    async with _inhabited(folder, seed) as (town, people):
        async with town.life():
            await town.until(town.discord_listens, LISTENS_WITHIN)
            await people.any_of(3)
        while town.killed < kills and time.monotonic() < until:
            await _short_life(town, people)
        return await _outcome(town, people, [])


async def _short_life(town: Town, people: People) -> None:
    random = people.random
    async with town.life() as life:
        if random.random() < 0.7:
            await town.until(town.discord_listens, LISTENS_WITHIN)
        await people.any_of(random.randrange(3))
        await life.ends(random.uniform(0, LONGEST_LIFE))


async def kill_at_points(folder: Path, seed: int, points: Iterable[str], visits: int) -> Outcome:
    """Let lives die at one point after another, all in the same directory."""
    unreached: list[str] = []
    async with _inhabited(folder, seed) as (town, people):
        for point in points:
            for visit in range(1, visits + 1):
                if not await _dies_at(town, people, point, visit):
                    unreached.append(f"{point}:{visit}")
                    break
        return await _outcome(town, people, unreached)


async def _dies_at(town: Town, people: People, point: str, visit: int) -> bool:
    way = next((way for start, way in WAYS.items() if point.startswith(start)), "write")
    async with town.life(f"{point}:{visit}") as life:
        if "discord" in point:
            await town.until(lambda: _there(town, life), LISTENS_WITHIN)
        for _ in range(visit):
            if life.ended.done():
                break
            await getattr(people, way)()
        return await life.ends(DIES_WITHIN)


async def _there(town: Town, life: object) -> bool:
    return bool(getattr(life, "ended").done()) or await town.discord_listens()
