"""A connection to SQLite that does a statement, rows and all, in one trip to its thread.

The driver's own cursor makes four: it is made, executes, fetches and is closed. Who is cancelled
between two of them leaves a statement half read, and that keeps the transaction open, be its
connection closed or not, until the garbage is collected: a writer's lock, or a reader that no
checkpoint gets past. See docs/decisions/0014.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import aiosqlite
from aiosqlite.context import contextmanager
from typing_extensions import override

Statement = Callable[[sqlite3.Connection], sqlite3.Cursor]
Rows = list[Any]


class Connection(aiosqlite.Connection):
    """Takes SQLAlchemy's statements, each of which is over when it returns."""

    def __init__(self, uri: str) -> None:
        connect = partial(sqlite3.connect, uri, uri=True, check_same_thread=False)
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True  # a connection that was lost does not hold up the program's end

    @override
    @contextmanager
    async def cursor(self) -> aiosqlite.Cursor:
        return Cursor(self)

    async def run(self, statement: Statement) -> tuple[sqlite3.Cursor, Rows]:
        """Run a statement to its end; give what it tells of itself, and its rows."""

        def run() -> tuple[sqlite3.Cursor, Rows]:
            with closing(statement(self._conn)) as cursor:
                return cursor, cursor.fetchall()

        # aiosqlite does not say what it gives.
        return await self._execute(run)  # pyright: ignore[reportUnknownMemberType]

    @override
    async def rollback(self) -> None:
        """Undo what was begun; the pool asks for it at each end, where mostly nothing is."""
        if self._conn.in_transaction:
            await super().rollback()

    @override
    def stop(self) -> asyncio.Future[Any] | None:
        """End the thread, once: one that has ended answers nobody."""
        if not self._running:
            return None
        # Here neither.
        return super().stop()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


class Cursor(aiosqlite.Cursor):
    """A statement that is over when it is executed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Rows = []

    @override
    async def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        return await self._run(lambda connection: connection.execute(sql, parameters))

    @override
    async def executemany(self, sql: str, parameters: Any) -> "Cursor":
        return await self._run(lambda connection: connection.executemany(sql, parameters))

    @override
    async def fetchall(self) -> Rows:
        return self._rows

    @override
    async def close(self) -> None:
        """Nothing is left to close."""

    async def _run(self, statement: Statement) -> "Cursor":
        self._cursor, self._rows = await self._connection.run(statement)
        return self
