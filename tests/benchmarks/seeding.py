"""Databases as long use leaves them: many messages, many open jobs; the same each time."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import insert

from core.context import Address, Chat
from core.replies import Reply
from storage.columns import adapter
from storage.database import SqlDatabase
from storage.rows import job_row
from storage.tables import jobs
from tests.storage.samples import NOW, job, shown

PERSON = 10_000
CHATS = 1000
MESSAGE = """INSERT INTO messages (id, platform, chat, thread, user_platform, user_id, user_name,
    at, request, asked, reply, job) VALUES (?, 'telegram', ?, '', ?, ?, ?, ?, ?, ?, ?, ?)"""
MESSAGE_ID = "INSERT INTO message_ids VALUES ('telegram', ?, ?, ?, 0)"


def address_of(file: Path) -> str:
    """Write the address of a database."""
    return f"sqlite+aiosqlite:///{file}"


async def open_jobs(file: Path, count: int) -> None:
    """Keep jobs that nobody has begun."""
    address = Address(Chat("telegram", str(PERSON)), reply_to="1")
    plain = replace(job(), address=address, model="flux-schnell", locale="en", hold=0)
    rows = [
        job_row(replace(plain, id=f"job{number}", request=f"seeded:{number}"))
        for number in range(count)
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    async with SqlDatabase.open(address_of(file)) as database, database.writer.begin() as tx:
        await tx.execute(insert(jobs), rows)


async def messages(file: Path, count: int) -> None:
    """Fill the history: asked and answered in turn, the chats mixed as time mixes them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    async with SqlDatabase.open(address_of(file)):
        pass
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.executemany(MESSAGE, _messages(count))
        database.executemany(
            MESSAGE_ID, ((one[1], str(one[0]), one[0]) for one in _messages(count))
        )
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _messages(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(7)  # noqa: S311  the same history each time
    reply = adapter(Reply).dump_json(shown("job")).decode()
    moment = int(NOW.timestamp() * 1_000_000)
    for number in range(1, count + 1):
        chat = str(PERSON + chance.randrange(CHATS))
        if number % 2:
            said = (f"asked:{number}", "a red fox in the snow --seed 7", None, "")
            yield (number, chat, "telegram", chat, "Anna", moment + number, *said)
        else:
            said = ("", "", reply, f"job{number}")
            yield (number, chat, None, None, None, moment + number, *said)
