"""The hash chain of the ledger: every entry seals itself and the entry before it."""

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    LargeBinary,
    case,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import EPOCH, MICROSECOND, Moment
from storage.tables import ledger

FIRST = ""
"""What stands in place of a seal before the first entry."""


def seal(before: str, entry: Mapping[str, Any]) -> str:
    """Compute the SHA-256 of an entry's columns and of the seal before it, in hex."""
    written = {name: _written(value) for name, value in entry.items() if name != "seal"}
    content = json.dumps([before, written], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode("ascii")).hexdigest()


def _written(value: object) -> str:
    """Write a value as the database does, whichever way it came out of it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, datetime):
        value = (value - EPOCH) // MICROSECOND
    if isinstance(value, bool):
        value = int(value)
    return value.isoformat() if isinstance(value, date) else str(value)


async def first_wrong(entries: AsyncIterable[Mapping[str, Any]]) -> int | None:
    """Find the number of the first entry that is not what was written, or follows a gap."""
    before, number = FIRST, 0
    async for entry in entries:
        number += 1
        own = seal(before, entry)
        if (_written(entry["id"]), _written(entry["seal"])) != (str(number), own):
            return number
        before = own
    return None


async def first_break(connection: AsyncConnection, *, page: int = 1000) -> int | None:
    """Verify the whole ledger; return the number of the first broken row, None when it is whole.

    Holds no more than `page` entries at once. What is cut off at the end breaks no chain: look
    with `has_seal` for one kept elsewhere.
    """
    return await first_wrong(_entries(connection, page))


async def _entries(connection: AsyncConnection, most: int) -> AsyncIterator[Mapping[str, Any]]:
    """Read the ledger in order; of what comes after a gap nobody needs all."""
    loose = connection.dialect.name == "sqlite"
    columns = [_as_bytes(column) if loose else column for column in ledger.c]
    query, read = select(*columns).order_by(ledger.c.id).limit(most), 0
    page = (await connection.execute(query)).all()
    while page:
        for row in page:
            yield dict(zip(ledger.c.keys(), row, strict=True))
        read += len(page)
        # Begins with the last one read, for a forged entry may bear the same number.
        page = (await connection.execute(query.where(ledger.c.id >= read))).all()[1:]


def _as_bytes(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Read what a file holds that was tampered with: any bytes, but of the column's own type.

    Text that became a BLOB looks the same, and is no longer found by what it says.
    """
    number = isinstance(column.type, Integer | Boolean | Moment)
    whole = func.typeof(column) == ("integer" if number else "text")
    return case((whole, cast(column, LargeBinary)))


async def has_seal(connection: AsyncConnection, kept: str) -> bool:
    """Tell whether an entry with this seal is there, and so all before it."""
    return kept == FIRST or bool(
        await connection.scalar(select(exists().where(ledger.c.seal == kept)))
    )


def newest_seal(connection: sqlite3.Connection) -> str:
    """Read the seal of the newest entry, to be kept elsewhere; empty where nothing is sealed."""
    try:
        newest = connection.execute("SELECT seal FROM ledger ORDER BY id DESC LIMIT 1").fetchone()
    except sqlite3.OperationalError:  # a schema of before the seals
        return FIRST
    return FIRST if newest is None else newest[0]


def newer_entries(connection: sqlite3.Connection, kept: str) -> int:
    """Count the entries after the one with this seal; none when it is not there."""
    query = (
        "SELECT count(*) FROM ledger"
        " WHERE id > (SELECT id FROM ledger WHERE seal = :kept UNION SELECT 0 WHERE :kept = '')"
    )
    return connection.execute(query, {"kept": kept}).fetchone()[0]
