"""The ledger is append-only, and whoever changes it all the same is found out."""

import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import column, make_url, select, table, text, update

from core.errors import StorageError
from storage.chain import first_break, newest_seal
from storage.database import SqlDatabase
from storage.finding import Finding
from storage.tables import ledger
from storage.verify import _ledger
from tests.storage.samples import NOW, job

COLUMNS = [column.name for column in ledger.c]


async def fill(database: SqlDatabase, count: int) -> None:
    async with database.transaction() as tx:
        for number in range(count):
            await tx.ledger.hold(job(f"job{number}"), [], NOW)
            if number % 3 == 0:
                await tx.ledger.release(f"job{number}", NOW)
            if number % 3 == 1:
                await tx.ledger.settle(f"job{number}", 7 * number, NOW)


async def broken(database: SqlDatabase, page: int = 1000) -> int | None:
    async with database.writer.connect() as connection:
        return await first_break(connection, page=page)


def file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


@pytest.mark.parametrize("change", ["UPDATE ledger SET amount = 0", "DELETE FROM ledger"])
async def test_the_database_refuses_to_change_an_entry(database: SqlDatabase, change: str) -> None:
    await fill(database, 3)
    async with database.writer.connect() as connection:
        with pytest.raises(Exception, match="append-only"):
            await connection.execute(text(change))
    assert await broken(database) is None


RAW = table("ledger", *(column(name) for name in COLUMNS))
"""The ledger without types, as bytes in a file have none."""


async def test_any_edit_of_any_entry_is_found_where_it_is(sqlite: SqlDatabase) -> None:
    await fill(sqlite, 4)
    edits = 0
    async with sqlite.writer.connect() as connection:
        await connection.execute(text("DROP TRIGGER ledger_keeps_UPDATE"))
        rows = (await connection.execute(select(RAW).order_by(RAW.c.id))).mappings().all()
        for row, name in itertools.product(rows, COLUMNS[1:]):
            for value in others(row[name]):
                edit = update(RAW).where(RAW.c.id == row["id"])
                async with connection.begin_nested() as undone:
                    await connection.execute(edit.values({name: value}))
                    assert await first_break(connection) == row["id"], (name, value)
                    await undone.rollback()
                edits += 1
        assert await first_break(connection) is None
    assert edits > 200


def others(value: object) -> tuple[object, ...]:
    """Change a value in several ways, into bytes that are no text among them."""
    if isinstance(value, int):
        return (value + 100, -1 - value, value + 0.5)
    return (f"{value}x", b"\xff\xfe", str(value).encode(), "" if value else "y")


EDITS = 1000
LOOSE = """
DROP TRIGGER ledger_keeps_UPDATE; DROP TRIGGER ledger_keeps_DELETE;
ALTER TABLE ledger RENAME TO sealed;
CREATE TABLE ledger (
    id, job, closing, kind, user_platform, user_id, chat, server, model, amount, day, at, seal
);
"""
"""Somebody with the file in hand is bound by no type, no key and no trigger."""

Rows = list[dict[str, Any]]


def field(rows: Rows, chance: random.Random) -> None:
    """Put something else into a field."""
    row, name = chance.choice(rows), chance.choice(COLUMNS)
    old = row[name]
    said = str(old)
    place = chance.randrange(len(said) + 1)
    wrong = (
        f"{said[:place]}{chance.choice('0a -')}{said[place:]}",
        said[:place] + said[place + 1 :],
        chance.choice(rows)[name],
        said.encode(),
        chance.randbytes(3),
        chance.randrange(10**6),
        float(chance.randrange(10)),
        None,
        *([old + 1, -old, float(old), said] if isinstance(old, int) else []),
    )
    row[name] = chance.choice([one for one in wrong if (type(one), one) != (type(old), old)])


def gone(rows: Rows, chance: random.Random) -> None:
    """Take one out, and perhaps close the gap."""
    place = chance.randrange(len(rows) - 1)
    del rows[place]
    if chance.random() < 0.5:
        for row in rows[place:]:
            row["id"] -= 1


def swap(rows: Rows, chance: random.Random) -> None:
    """Let two change places, with or without their seals."""
    one, other = chance.sample(rows, 2)
    for name in ("id", "seal")[: chance.randint(1, 2)]:
        one[name], other[name] = other[name], one[name]


def insert(rows: Rows, chance: random.Random) -> None:
    """Put in one that looks right, anywhere."""
    place = chance.randrange(len(rows) + 1)
    for row in rows[place:]:
        row["id"] += 1
    new = {**chance.choice(rows), "id": place + 1, "job": "made up", "amount": -1}
    rows.insert(place, new)


def cut(rows: Rows, chance: random.Random) -> None:
    """Leave out the newest; all that is left is as it was."""
    del rows[chance.randrange(len(rows)) :]


async def test_a_thousand_edits_of_every_kind_are_all_found(
    sqlite: SqlDatabase, sqlite_url: str
) -> None:
    await fill(sqlite, 9)
    chance = random.Random(1)  # noqa: S311  edits, not keys
    found: Counter[str] = Counter()
    with closing(sqlite3.connect(file_of(sqlite_url), isolation_level=None)) as file:
        kept = {"backup-1": newest_seal(file)}
        file.executescript(LOOSE)
        file.row_factory = sqlite3.Row
        whole = [dict(row) for row in file.execute("SELECT * FROM sealed ORDER BY id")]
        for _ in range(EDITS):
            edit = chance.choice([field, field, gone, swap, insert, cut])
            rows = [dict(row) for row in whole]
            edit(rows, chance)
            write(file, rows)
            about = await verified(sqlite, kept)
            assert about, (edit, rows)
            # Whatever is read at once, a forged entry hides behind no edge of it.
            assert (await broken(sqlite, page=2) is None) == (edit is cut), (edit, rows)
            found[edit.__name__] += 1
        write(file, whole)
        assert await verified(sqlite, kept) == []
    assert found.total() == EDITS
    assert min(found.values()) > EDITS / 10


def write(file: sqlite3.Connection, rows: Rows) -> None:
    file.execute("BEGIN")
    file.execute("DELETE FROM ledger")
    marks = "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    file.executemany(marks, [tuple(row.values()) for row in rows])
    file.execute("COMMIT")


async def verified(database: SqlDatabase, kept: Mapping[str, str]) -> list[Finding]:
    async with database.reader.connect() as connection:
        return [finding async for finding in _ledger(connection, kept)]


async def test_two_holds_of_one_job_are_refused(database: SqlDatabase) -> None:
    await fill(database, 1)
    with pytest.raises(StorageError):
        async with database.transaction() as tx:
            await tx.ledger.hold(job("job0"), [], NOW)
