"""Transactions are whole, ordered and durable."""

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from core.errors import StorageError
from storage.database import SqlDatabase
from tests.storage.samples import NOW, ask, job, picture

WRITER = """
import asyncio, sys
from storage.database import SqlDatabase
from tests.storage.samples import NOW, ask

async def write(url):
    async with SqlDatabase.open(url) as database:
        for number in range(1_000_000):
            async with database.transaction() as tx:
                await tx.inbox.put([ask(number)], NOW)
            print(number, flush=True)

asyncio.run(write(sys.argv[1]))
"""


async def test_what_raises_inside_a_transaction_leaves_nothing(database: SqlDatabase) -> None:
    async def break_off() -> None:
        async with database.transaction() as tx:
            await tx.jobs.add(job())
            await tx.outbox.put("job1", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    async with database.reading() as tx:
        assert await tx.jobs.open(["telegram"]) == ()
        assert await tx.outbox.due(NOW, ["telegram"], 9) == ()


@pytest.mark.parametrize("written", [0, 1, 20])
async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(
    database: SqlDatabase, written: int
) -> None:
    reached = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as tx:
            for number in range(1000):
                if number == written:
                    reached.set()
                await tx.jobs.add(job(f"job{number}"))

    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(write())
        await reached.wait()
        writing.cancel()
    assert writing.cancelled()
    async with database.transaction() as tx:
        assert await tx.jobs.open(["telegram"]) == ()


async def test_a_reader_sees_one_state_while_others_write(database: SqlDatabase) -> None:
    async with database.reading() as reader:
        assert await reader.inbox.waiting() == ()
        async with database.transaction() as tx:
            await tx.inbox.put([ask(1)], NOW)
        assert await reader.inbox.waiting() == ()
    async with database.reading() as reader:
        assert await reader.inbox.waiting() == (ask(1),)


async def test_a_reader_cannot_write(database: SqlDatabase) -> None:
    with pytest.raises(StorageError) as caught:
        async with database.reading() as tx:
            await tx.inbox.put([ask(1)], NOW)
    assert caught.value.key == "error.database_readonly"


async def test_every_commit_reaches_the_disk(sqlite: SqlDatabase) -> None:
    async with sqlite.writer.connect() as connection:
        modes = [
            await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert modes == ["wal", 2, 1]


async def test_a_killed_writer_keeps_every_row_it_confirmed(url: str) -> None:
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, url),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert writer.stdout is not None
    confirmed = [int(await writer.stdout.readline()) for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    confirmed += [int(line) for line in (await writer.stdout.read()).split()]
    await writer.wait()
    async with SqlDatabase.open(url) as database, database.reading() as tx:
        kept = {waiting.context.request for waiting in await tx.inbox.waiting()}
    assert kept >= {ask(number).context.request for number in confirmed}


async def test_a_database_that_another_program_holds_is_busy(
    sqlite_url: str, sqlite: SqlDatabase
) -> None:
    async with sqlite.writer.begin() as connection:
        await connection.execute(text("PRAGMA busy_timeout=1"))
    with closing(sqlite3.connect(str(make_url(sqlite_url).database))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError) as caught:
            async with sqlite.transaction():
                pytest.fail("two writers at once")
    assert caught.value.key == "error.database_busy"


async def test_a_full_disk_is_told_and_loses_nothing(sqlite: SqlDatabase) -> None:
    async with sqlite.transaction() as tx:
        await tx.jobs.add(job())
    async with sqlite.writer.begin() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(StorageError) as caught:
        async with sqlite.transaction() as tx:
            await tx.jobs.add(job("job2", status_message="x" * 1_000_000))
    assert caught.value.key == "error.disk_full"
    async with sqlite.transaction() as tx:
        assert await tx.jobs.open(["telegram"]) == (job(),)


async def test_a_file_that_is_no_database_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "studio.db"
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises(StorageError) as caught:
        async with SqlDatabase.open(f"sqlite+aiosqlite:///{file}"):
            pytest.fail("opened")
    assert caught.value.key == "error.database_broken"
    assert file.read_bytes() == b"not a database" * 1000


async def test_a_reader_that_never_ends_is_ended(url: str) -> None:
    async with SqlDatabase.open(url, longest_read=0.05) as database:
        with pytest.raises(StorageError) as caught:
            async with database.reading():
                await asyncio.Event().wait()
        assert caught.value.key == "error.database_busy"
        async with database.reading() as tx:
            assert await tx.inbox.waiting() == ()


async def test_an_error_never_shows_what_was_stored(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.jobs.add(job())
    with pytest.raises(StorageError) as caught:
        async with database.transaction() as tx:
            await tx.pictures.add([picture("no such job", 1, "secret")])
    assert "secret" not in str(caught.value) + str(caught.value.__cause__)
