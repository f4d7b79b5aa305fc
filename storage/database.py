"""Transactions: one writer at a time, readers beside it."""

from asyncio import timeout
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from core.ports import UnitOfWork
from storage import sqlite
from storage.address import BadAddress, database_address
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

REACH = 10.0
"""Seconds to wait for a server's first answer."""


@dataclass(frozen=True, slots=True)
class There:
    """How transactions run on a PostgreSQL server."""

    isolation: str
    settings: Mapping[str, str]
    begin: str = ""


WRITE_THERE = There(
    "READ COMMITTED",
    # Milliseconds. A writer that froze inside its turn loses it, and its transaction.
    {"lock_timeout": "30000", "idle_in_transaction_session_timeout": "30000"},
    # Any number will do that all of the studio's processes share; see docs/decisions.
    "SELECT pg_advisory_xact_lock(6170)",
)
READ_THERE = There("REPEATABLE READ", {"default_transaction_read_only": "on"})


@dataclass(frozen=True, slots=True)
class SqlDatabase:
    """A database by URL: SQLite in a file, or PostgreSQL."""

    writer: AsyncEngine
    reader: AsyncEngine
    longest_read: float

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, longest_read: float = 5.0, checkpoints: bool = True
    ) -> AsyncGenerator[Self]:
        """Open a database with its schema brought up to date; close it in the end.

        A reader that takes more than `longest_read` seconds is ended, for while it lasts nothing
        that was written can leave the log. Only one process on a SQLite file may have
        `checkpoints`; one without leaves the log to it, and to SQLite when the last one closes.
        """
        writing, reading = _writer(database_address(url), checkpoints=checkpoints), reader(url)
        try:
            await _reach(writing)
            await bring_up_to_date(writing)
            yield cls(writing, reading, longest_read)
        finally:
            # The writer last: the connection that closes a SQLite file writes its checkpoint.
            await reading.dispose()
            await writing.dispose()

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


async def _reach(engine: AsyncEngine) -> None:
    """Connect once; raise BadAddress when there is no such server, account or database."""
    try:
        async with engine.connect():
            pass
    except (DBAPIError, OSError) as error:
        if engine.dialect.name == "postgresql":
            cause = getattr(error, "orig", error)
            raise BadAddress(f"leads to no database ({cause}). Is the server up?") from None
        with told_as_storage_errors():
            raise


def reader(url: str) -> AsyncEngine:
    """Make an engine that only reads, and takes the schema as it is."""
    address = database_address(url)
    if address.get_backend_name() == "postgresql":
        return _postgresql(address, READERS, READ_THERE)
    return _sqlite(address, "ro", READERS, READING, "BEGIN")


def _writer(address: URL, *, checkpoints: bool) -> AsyncEngine:
    if address.get_backend_name() == "postgresql":
        return _postgresql(address, 1, WRITE_THERE)
    settings = WRITING if checkpoints else (*WRITING, "PRAGMA wal_autocheckpoint=0")
    return _sqlite(address, "rwc", 1, settings, "BEGIN IMMEDIATE")


def _sqlite(
    address: URL, mode: str, connections: int, settings: tuple[str, ...], begin: str
) -> AsyncEngine:
    """Make an engine that begins transactions itself.

    The pool keeps a writer of its own, so that writes queue in order and, which SQLite before
    3.51.3 must never see, no second connection writes or moves the log into the file.
    """
    file = f"file:{quote(str(address.database))}?mode={mode}"

    async def connect() -> sqlite.Connection:
        connection = sqlite.Connection(file)
        await connection
        return connection

    engine = _pool(address, connections, async_creator=connect)

    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver would begin later, and without a lock
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    _begin_with(engine, begin)
    return engine


def _postgresql(url: URL, connections: int, there: There) -> AsyncEngine:
    """Make an engine whose transactions begin as they do in SQLite: one writer, whole readers."""
    engine = _pool(
        url,
        connections,
        isolation_level=there.isolation,
        pool_pre_ping=True,  # a server that was restarted is connected to again
        connect_args={"server_settings": there.settings, "timeout": REACH},
    )
    if there.begin:
        _begin_with(engine, there.begin)
    return engine


def _pool(url: URL, connections: int, **more: Any) -> AsyncEngine:
    limits = {"pool_size": connections, "max_overflow": 0, "pool_timeout": PATIENCE}
    return create_async_engine(url, hide_parameters=True, **limits, **more)


def _begin_with(engine: AsyncEngine, statement: str) -> None:
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine.sync_engine, "begin", start)
