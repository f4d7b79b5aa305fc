"""The ledger is append-only, and whoever changes it all the same is found out."""

import itertools
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import column, make_url, select, table, text, update

from core.errors import StorageError
from storage.chain import first_break, newest_seal
from storage.database import SqlDatabase
from storage.tables import ledger
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


async def broken(database: SqlDatabase) -> int | None:
    async with database.writer.connect() as connection:
        return await first_break(connection)


@contextmanager
def tampering(url: str) -> Generator[sqlite3.Connection]:
    """Open the file as somebody does who first takes the guards away."""
    with closing(sqlite3.connect(Path(str(make_url(url).database)))) as connection:
        for name in ("UPDATE", "DELETE"):
            connection.execute(f"DROP TRIGGER IF EXISTS ledger_keeps_{name}")
        yield connection
        connection.commit()


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
    return (f"{value}x", b"\xff\xfe", "" if value else "y")


async def test_a_row_that_is_gone_or_moved_is_found(sqlite: SqlDatabase, sqlite_url: str) -> None:
    await fill(sqlite, 9)
    with tampering(sqlite_url) as file:
        file.execute("DELETE FROM ledger WHERE id = 5")
    assert await broken(sqlite) == 5
    with tampering(sqlite_url) as file:
        file.execute("UPDATE ledger SET id = id - 1 WHERE id > 5")
    assert await broken(sqlite) == 5


async def test_a_cut_off_end_shows_in_the_newest_seal(sqlite: SqlDatabase, sqlite_url: str) -> None:
    async with sqlite.writer.connect() as connection:
        assert await newest_seal(connection) == ""
    await fill(sqlite, 9)
    async with sqlite.writer.connect() as connection:
        kept = await newest_seal(connection)
    with tampering(sqlite_url) as file:
        file.execute("DELETE FROM ledger WHERE id = (SELECT max(id) FROM ledger)")
    async with sqlite.writer.connect() as connection:
        assert await newest_seal(connection) != kept


async def test_two_holds_of_one_job_are_refused(database: SqlDatabase) -> None:
    await fill(database, 1)
    with pytest.raises(StorageError):
        async with database.transaction() as tx:
            await tx.ledger.hold(job("job0"), [], NOW)
