"""Transactions: one writer at a time, readers beside it."""

from asyncio import timeout
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from core.ports import UnitOfWork
from storage.failures import told_as_storage_errors
from storage.migrate import bring_up_to_date
from storage.unit_of_work import SqlUnitOfWork

READERS = 4
PATIENCE = 30.0
"""Seconds to wait for one's turn before the database counts as busy."""

WRITING = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
)
READING = ("PRAGMA busy_timeout=5000", "PRAGMA query_only=ON")


@dataclass(frozen=True, slots=True)
class SqlDatabase:
    """A database by URL: SQLite in a file, or PostgreSQL."""

    writer: AsyncEngine
    reader: AsyncEngine
    longest_read: float

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, longest_read: float = 5.0) -> AsyncGenerator[Self]:
        """Open a database with its schema brought up to date; close it in the end.

        A reader that takes more than `longest_read` seconds is ended, for while it lasts nothing
        that was written can leave the log.
        """
        address = make_url(url)
        writer, reader = _engines(address)
        try:
            await bring_up_to_date(writer)
            yield cls(writer, reader, longest_read)
        finally:
            # The writer last: the connection that closes a SQLite file writes its checkpoint.
            await reader.dispose()
            await writer.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[UnitOfWork]:
        """Write: one at a time, durable when it is left."""
        with told_as_storage_errors():
            async with self.writer.begin() as connection:
                yield SqlUnitOfWork.over(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[UnitOfWork]:
        """Read a consistent state beside the writer."""
        with told_as_storage_errors():
            async with timeout(self.longest_read), self.reader.begin() as connection:
                yield SqlUnitOfWork.over(connection)


def _engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    if url.get_backend_name() != "sqlite":
        # Serializable, so that what one transaction sums up no other can change beside it.
        engine = create_async_engine(url, isolation_level="SERIALIZABLE", hide_parameters=True)
        return engine, engine
    file = "file:" + quote(str(url.database))
    reading = url.set(database=file, query={"mode": "ro", "uri": "true"})
    return _sqlite(url, 1, WRITING, "BEGIN IMMEDIATE"), _sqlite(reading, READERS, READING, "BEGIN")


def _sqlite(url: URL, connections: int, settings: tuple[str, ...], begin: str) -> AsyncEngine:
    """Make an engine that begins transactions itself.

    The pool keeps a writer of its own, so that writes queue in order and, which SQLite before
    3.51.3 must never see, no second connection writes or moves the log into the file.
    """
    limits = {"pool_size": connections, "max_overflow": 0, "pool_timeout": PATIENCE}
    engine = create_async_engine(url, hide_parameters=True, **limits)

    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver would begin later, and without a lock
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", start)
    return engine
