"""Whoever leaves a transaction, at whichever of its waits, leaves nothing that holds up others."""

import asyncio
import gc
import itertools
import sqlite3
from collections.abc import Callable, Coroutine, Generator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from storage.database import SqlDatabase
from storage.sqlite import Connection
from tests.storage.samples import NOW, ask


class Left:
    """Awaits something up to one of its waits, and is cancelled there."""

    def __init__(self, doing: Coroutine[Any, Any, None], wait: int) -> None:
        self._doing = doing
        self._wait = wait
        self.early = False

    def __await__(self) -> Generator[Any, Any, None]:
        awaiting = self._doing.__await__()
        go_on: Callable[[], Any] = partial(next, awaiting)
        for wait in itertools.count():
            if wait == self._wait:
                self.early = True
                go_on = partial(awaiting.throw, asyncio.CancelledError())
            try:
                future = go_on()
            except (StopIteration, asyncio.CancelledError):
                return
            try:
                yield future
            except BaseException as error:  # noqa: BLE001  handed on, whatever it is
                go_on = partial(awaiting.throw, error)
            else:
                go_on = partial(next, awaiting)


@pytest.fixture
def uncollected() -> Generator[None]:
    """Leave the garbage lying, for it may lie for long."""
    gc.disable()
    yield
    gc.enable()


async def read(database: SqlDatabase) -> None:
    async with database.reading() as tx:
        await tx.inbox.waiting()
        await tx.inbox.waiting()


async def write(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.inbox.waiting()
        await tx.inbox.put([ask(7)], NOW)


async def leave_at_every_wait(database: SqlDatabase, doing: Any) -> int:
    """Do something again and again, each time up to its next wait; return how many it has."""
    for wait in range(1000):
        left = Left(doing(database), wait)
        await left
        if not left.early:
            return wait
    raise AssertionError("it never ends")


@pytest.mark.usefixtures("uncollected")
async def test_a_reader_that_is_left_holds_up_no_checkpoint(sqlite: SqlDatabase) -> None:
    async with sqlite.transaction() as tx:
        await tx.inbox.put([ask(1), ask(2)], NOW)
    assert await leave_at_every_wait(sqlite, read) > 4
    async with sqlite.transaction() as tx:
        await tx.inbox.put([ask(3)], NOW)
    with closing(sqlite3.connect(str(make_url(sqlite.writer.url).database))) as beside:
        beside.execute("PRAGMA busy_timeout=1")
        (busy, *_) = beside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy


@pytest.mark.usefixtures("uncollected")
async def test_a_writer_that_is_left_gives_up_its_turn(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.inbox.put([ask(1), ask(2)], NOW)
    assert await leave_at_every_wait(database, write) > 4
    async with database.transaction() as tx:
        await tx.inbox.put([ask(8)], NOW)
        assert await tx.inbox.waiting() == (ask(1), ask(2), ask(7), ask(8))


async def test_a_connection_that_is_stopped_while_it_closes_is_closed(tmp_path: Path) -> None:
    connection = Connection(f"file:{tmp_path}/studio.db?mode=rwc")
    await connection
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        closing = group.create_task(connection.close())
        await asyncio.sleep(0)
        ended = connection.stop()
    assert closing.done()
    assert ended is not None
    await ended  # or its thread speaks to a loop that is closed
