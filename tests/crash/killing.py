"""Ending lives: at random moments, and at every place that has a name."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.crash.checker import check
from tests.crash.crowd import QUICK
from tests.crash.evidence import Verdict
from tests.crash.people import People
from tests.crash.town import Town, open_town

DIES_WITHIN = 20.0
LISTENS_WITHIN = 8.0
BACKLOG = 3
"""What may be owed before people wait for it, or all the time would go into the same pictures."""
LISTENING = 0.7
"""Of the lives so many have come up before they are asked anything."""
LONGEST_LIFE = 1.2
"""Seconds after the start; most lives end before, some before they can hear anything."""

WAYS = {
    "status line": "write_slowly",
    "telegram edit": "write_very_slowly",
    "telegram clearing": "write_slowly",
    "telegram album": "write_for_album",
    "telegram words": "write_nonsense",
    "telegram press": "press_again",
    "answer named": "write_nonsense",
    "cancellation": "write_and_cancel",
    "job cancelled": "write_and_cancel",
    "job in_doubt": "write_while_orders_get_lost",
    "job failed": "write_while_it_fails",
    "notice written": "write_while_the_account_is_locked",
    "delivery postponed": "write_while_telegram_fails",
    "fal cancel": "write_and_cancel",
    "replicate cancel": "cancel_at_replicate",
    "replicate followed": "write_for_slow_replicate",
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


@dataclass(frozen=True)
class Plan:
    """How the lives in one data directory end."""

    seed: int
    kills: int = 0
    """At random moments, first."""
    points: Sequence[str] = ()
    visits: int = 1
    """Each place is died at so often, at its first visit, at its second, and so on."""


async def kill(folder: Path, plan: Plan, until: float) -> Outcome:
    """Kill one life after another in one data directory, let a clean one end it, and judge."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with open_town(folder) as town:
        people = People(town, Random(plan.seed))  # noqa: S311 - to be repeated, not to be secret
        await people.settle()
        await people.pace(QUICK)
        await _breathe(town, people)
        while town.killed < plan.kills and time.monotonic() < until:
            await _short_life(town, people)
        unreached = await _kill_at(town, people, plan, until)
        status = await town.drain()
        await people.leave()
        notes = [*town.notes, *([f"the clean life ended with {status}"] if status else [])]
        verdict = await asyncio.to_thread(check, folder)
        return Outcome(verdict, town.killed, unreached, notes)


async def _kill_at(town: Town, people: People, plan: Plan, until: float) -> list[str]:
    """Let lives die at one place after another; return those that were not come to."""
    places = [f"{point}:{visit}" for point in plan.points for visit in range(1, plan.visits + 1)]
    missed = [
        one for one in places if time.monotonic() < until and not await _dies_at(town, people, one)
    ]
    return [one for one in missed if not await _dies_at(town, people, one)]


async def _breathe(town: Town, people: People) -> None:
    """Give a first life the time to make what later ones build on."""
    async with town.life():
        await town.until(town.discord_listens, LISTENS_WITHIN)
        await people.write()
        await town.until(town.nothing_owed, LISTENS_WITHIN)


async def _short_life(town: Town, people: People) -> None:
    random = people.random
    async with town.life() as life:
        if random.random() < LISTENING:
            await town.until(town.discord_listens, LISTENS_WITHIN)
        if town.owed < BACKLOG:
            await people.any_of(random.randrange(1, 4))
        await life.ends(random.uniform(0, LONGEST_LIFE))


async def _dies_at(town: Town, people: People, place: str) -> bool:
    point, _, visit = place.rpartition(":")
    way = next((way for start, way in WAYS.items() if point.startswith(start)), "write")
    await _catch_up(town)
    async with town.life(place) as life:
        if "discord" in point:
            await town.until(town.discord_listens, LISTENS_WITHIN)
        for _ in range(int(visit)):
            await getattr(people, way)()
            await town.until(town.heard, LISTENS_WITHIN)  # or two are heard at once
        return await life.ends(DIES_WITHIN)


async def _catch_up(town: Town) -> None:
    """Live in peace for a while where too much is owed to come to a point soon."""
    if town.owed > BACKLOG:
        async with town.life():
            await town.until(town.nothing_owed, DIES_WITHIN)


async def side_by_side(*lanes: Coroutine[object, object, Outcome]) -> list[Outcome]:
    """Run several data directories at once."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(lane) for lane in lanes]
    return [task.result() for task in tasks]
