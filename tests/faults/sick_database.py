"""The studio's own database as a bad disk, a full one or another program would make it."""

from collections.abc import Callable
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
                await self._set("wal_checkpoint(TRUNCATE)", self._handles.fill)
            case "io_error":
                self._handles.break_off()
            case _:
                await self._set("wal_checkpoint(TRUNCATE)", self._handles.tear)

    async def mend(self) -> None:
        """Make everything good again."""
        self._handles.mend()
        await self._set("query_only=OFF")
        await self._set("busy_timeout=5000")

    async def _set(self, pragma: str, then: Callable[[], None] | None = None) -> None:
        """Tell the connection that writes, and do something before anybody writes again."""
        async with self._database.writer.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert isinstance(raw, aiosqlite.Connection)
            async with raw.execute(f"PRAGMA {pragma}") as told:
                await told.fetchall()
            if then is not None:
                then()
