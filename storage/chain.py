"""The hash chain of the ledger: every entry seals itself and the entry before it."""

import hashlib
import json
from collections.abc import AsyncIterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import LargeBinary, Row, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import EPOCH, MICROSECOND
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


async def first_break(connection: AsyncConnection) -> int | None:
    """Verify the whole ledger; return the number of the first broken row, None when it is whole.

    What is cut off at the end breaks no chain: compare `newest_seal` with one kept elsewhere.
    """
    # As bytes where types are loose: a file that was tampered with may hold any.
    loose = connection.dialect.name == "sqlite"
    columns = [cast(column, LargeBinary) if loose else column for column in ledger.c]
    async with connection.stream(select(*columns).order_by(ledger.c.id)) as rows:
        return await first_wrong(_named(rows))


async def _named(rows: AsyncIterable[Row[*tuple[Any, ...]]]) -> AsyncIterable[Mapping[str, Any]]:
    async for row in rows:
        yield dict(zip(ledger.c.keys(), row, strict=True))


async def newest_seal(connection: AsyncConnection) -> str:
    """Read the seal of the newest entry, to be kept elsewhere; empty for an empty ledger."""
    newest = select(ledger.c.seal).order_by(ledger.c.id.desc()).limit(1)
    return await connection.scalar(newest) or FIRST
