"""The studio's own database as a bad disk, a full one or another program would make it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite

from core.ports import Database
from storage.database import SqlDatabase
from tests.faults.handles import Handles


class SickDatabase:
    """Spoils an open SQLite database for as long as a cell wants."""

    def __init__(self, database: Database, file: Path) -> None:
        assert isinstance(database, SqlDatabase)
        self._database = database
        self._handles = Handles(file)

    async def spoil(self, fault: str) -> None:
        """Let this go wrong; an I/O error does so before anything else can happen."""
        match fault:
            case "read_only":
                await self._set("query_only=ON")
            case "busy":
                await self._set("busy_timeout=1")
                self._handles.hold()
            case "full":
                await self._empty_log(self._handles.fill)
            case "io_error":
                self._handles.break_off()
            case _:
                await self._empty_log(self._handles.tear)

    async def mend(self) -> None:
        """Make everything good again."""
        self._handles.mend()
        await self._set("query_only=OFF")
        await self._set("busy_timeout=5000")

    async def _set(self, pragma: str) -> None:
        """Tell the connection that writes."""
        async with self._writer() as writer, writer.execute(f"PRAGMA {pragma}"):
            pass

    async def _empty_log(self, then: Callable[[], None]) -> None:
        """Leave nothing in the log that is read, and do something before anybody writes again."""
        async with self._writer() as writer:
            async with writer.execute("PRAGMA wal_checkpoint(TRUNCATE)") as told:
                ((busy, *_),) = await told.fetchall()
            assert not busy, "somebody still reads what is in the log"
            then()

    @asynccontextmanager
    async def _writer(self) -> AsyncGenerator[aiosqlite.Connection]:
        async with self._database.writer.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert isinstance(raw, aiosqlite.Connection)
            yield raw
