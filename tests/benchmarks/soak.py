"""Thousands of jobs through one studio: what it holds must not grow with what it did.

`python -m tests.benchmarks.soak --jobs 20000` prints a line per 500 jobs and ends with 1 when
memory, files, tasks or threads grow. fal.ai is emulated in a process of its own; of ten jobs one
brings a picture, for drawing and marking would be all that is measured, and nine fail there.
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table

from bot.web_chat.outbound import Feed, WebMessenger
from core.budget import EVERYONE, Period
from core.context import Address, Ask, Chat, Context, User
from core.replies import Accepted
from storage.chain import first_break
from storage.database import SqlDatabase
from tests.benchmarks.service import Service
from tests.benchmarks.town import settings_for, town
from tests.studio import Home, studio_at

EVERY = 500
"""Jobs between two looks."""
FAILING = 450
"""Of those."""
AT_ONCE = 32
WARM = 0.5
"""The first share of all looks, which says nothing: caches fill, SQLite's with its file."""
STEEPEST = 0.05
"""MiB that a thousand jobs may leave behind."""
PAGE = os.sysconf("SC_PAGE_SIZE")
BUYER = User("web", "owner")
HERE = Address(Chat("web", "home"))


@dataclass(frozen=True)
class Look:
    """What the process holds after so many jobs."""

    jobs: int
    seconds: float
    mebibytes: float
    open_files: int
    tasks: int
    threads: int
    temporary: int
    """Files in the folder for those that nobody keeps."""
    log: float
    """MiB of the database's log."""


def look(folder: Path, jobs: int, begun: float) -> Look:
    """Count what is held now."""
    resident = int(Path("/proc/self/statm").read_text().split()[1])
    log = folder / "data" / "studio.db-wal"
    return Look(
        jobs=jobs,
        seconds=time.monotonic() - begun,
        mebibytes=resident * PAGE / 2**20,
        open_files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        tasks=len(asyncio.all_tasks()),
        threads=threading.active_count(),
        temporary=sum(1 for _ in Path(tempfile.gettempdir()).rglob("*")),
        log=log.stat().st_size / 2**20,
    )


async def soak(folder: Path, jobs: int, seconds: float) -> list[Look]:
    """Order, wait and look, until all is made or time is up."""
    looks: list[Look] = []
    messenger = WebMessenger(lambda: datetime.now(UTC))
    async with town(folder, "fal") as services:
        settings: dict[str, Any] = {**await settings_for(services)}
        async with studio_at(folder / "data", lambda _, __: {"web": messenger}, **settings) as home:
            begun = time.monotonic()
            for done in range(0, jobs, EVERY):
                await _some(home, messenger, services["fal"], done)
                looks.append(look(folder, done + EVERY, begun))
                if time.monotonic() - begun > seconds:
                    break
            await _check_money(home, services["fal"])
    return looks


async def _some(home: Home, messenger: WebMessenger, fal: Service, first: int) -> None:
    """Keep a few jobs under way until so many more were told of."""
    await fal.tell("fault", "result", "failed", FAILING)
    room = asyncio.Semaphore(AT_ONCE)
    with messenger.feed() as feed:
        async with asyncio.TaskGroup() as group:
            group.create_task(_until_told(feed, room))
            for number in range(first, first + EVERY):
                await room.acquire()
                await _order(home, number)


async def _order(home: Home, number: int) -> None:
    context = Context(request=f"web:{number}", address=HERE, user=BUYER)
    said = {"command": "imagine", "prompt": f"fox {number}", "model": "flux-schnell"}
    ask = Ask(context=context, command={**said, "seed": number % 4})
    await home.intake.put([ask])
    reply = await home.intake.answer(ask)
    if not isinstance(reply, Accepted):
        raise TypeError(f"not taken: {reply}")


async def _until_told(feed: Feed, room: asyncio.Semaphore) -> None:
    """Make room for another whenever one was told of; what is kept of before does not count."""
    while not feed.empty():
        feed.get_nowait()
    told = 0
    while told < EVERY:
        event = await feed.get()
        if event is not None and event.name == "line" and event.data["key"].count("-"):
            told += 1
            room.release()


async def _check_money(home: Home, fal: Service) -> None:
    """Compare the ledger with the bill, and follow its seals."""
    database = home.studio.database
    if not isinstance(database, SqlDatabase):
        raise TypeError("no SQL database")
    async with database.reading() as tx:
        (spent,) = await tx.ledger.sums([(EVERYONE, Period.TOTAL)], home.studio.now())
    async with database.reader.connect() as connection:
        broken = await first_break(connection)
    billed = await fal.ask("billed")
    if spent != billed or broken is not None:
        raise AssertionError(f"spent {spent}, billed {billed}, first broken entry {broken}")


def slope(looks: Sequence[Look]) -> float:
    """Compute how many MiB a thousand jobs leave behind once the studio is warm."""
    warm = looks[int(len(looks) * WARM) :]
    return linear_regression(
        [one.jobs / 1000 for one in warm], [one.mebibytes for one in warm]
    ).slope


def grown(looks: Sequence[Look]) -> list[str]:
    """Name what grew."""
    first, last = looks[int(len(looks) * WARM)], looks[-1]
    named = ("open_files", "tasks", "threads", "temporary")
    wrong = [name for name in named if getattr(last, name) > getattr(first, name) + 2]
    return wrong + (["memory"] if slope(looks) > STEEPEST else [])


def shown(looks: Sequence[Look]) -> Table:
    """Lay the looks out for a terminal."""
    names = [field.name for field in fields(Look)]
    table = Table(*names)
    for one in looks:
        table.add_row(*(f"{getattr(one, name):,.6g}" for name in names))
    return table


def main() -> None:
    """Read the command line, soak, and say what grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=30.0)
    options = parser.parse_args()
    console = Console()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with TemporaryDirectory() as folder:
        tempfile.tempdir = f"{folder}/temporary"
        Path(tempfile.tempdir).mkdir()
        looks = asyncio.run(soak(Path(folder), options.jobs, options.minutes * 60))
    console.print(shown(looks))
    wrong = grown(looks)
    console.print(
        f"{slope(looks):+.3f} MiB for each thousand jobs; grew: {', '.join(wrong) or 'nothing'}"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
