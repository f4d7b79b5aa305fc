"""One page of a chat's history among very many messages."""

import asyncio
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import ClauseElement, select
from sqlalchemy.dialects import sqlite

from core.context import Chat
from storage.database import SqlDatabase
from storage.history import newest
from storage.tables import message_ids
from tests.benchmarks import seeding
from tests.benchmarks.table import Goal, Result, Row, share

HOW = """\
The newest 40 messages of one of 1,000 chats, chosen at random, with the platform's ids of each;
half of them carry pictures with their recipes. Ours opens a reading transaction and hands over
typed messages. The floor is the standard library's SQLite with the same two statements on the
same indexes, rows as they come."""
PAGE = 40


async def measure(folder: Path, *, quick: bool) -> Result:
    """Read the same pages both ways."""
    count, pages = (20_000, 50) if quick else (1_000_000, 1000)
    file = folder / "studio.db"
    await seeding.messages(file, count)
    chance = random.Random(7)  # noqa: S311  the same chats each time
    chats = [
        Chat("telegram", str(seeding.PERSON + chance.randrange(seeding.CHATS)))
        for _ in range(pages)
    ]
    floor = await asyncio.to_thread(_floor, file, chats)
    ours = await _ours(file, chats)
    name = f"page of {PAGE} among {count:,} messages"
    rows = [
        Row(f"{name}, p50", "ms", share(ours, 50), share(floor, 50)),
        Row(f"{name}, p99", "ms", share(ours, 99), share(floor, 99), Goal(5)),
    ]
    return Result(HOW, tuple(rows))


async def _ours(file: Path, chats: list[Chat]) -> list[float]:
    waits: list[float] = []
    async with SqlDatabase.open(seeding.address_of(file)) as database:
        async with database.reading() as tx:  # whoever starts pays for the first time
            await tx.history.page(chats[0], PAGE)
        for chat in chats:
            began = time.perf_counter()
            async with database.reading() as tx:
                await tx.history.page(chat, PAGE)
            waits.append((time.perf_counter() - began) * 1000)
    return waits


def _floor(file: Path, chats: list[Chat]) -> list[float]:
    waits: list[float] = []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        for chat in chats:
            page = _sql(newest(chat, PAGE, None))
            began = time.perf_counter()
            rows = database.execute(page).fetchall()
            found = ",".join(str(row[0]) for row in rows)
            ids = f"{IDS} ({found}) ORDER BY position"
            database.execute(ids).fetchall()
            waits.append((time.perf_counter() - began) * 1000)
    return waits


def _sql(query: ClauseElement) -> str:
    return str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))


IDS = f"{_sql(select(message_ids.c.message, message_ids.c.platform_id))} WHERE message IN"
