"""Two programs on one database, and addresses that lead nowhere."""

import asyncio
import socket
import sys
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from core.budget import EVERYONE, Cap, Period
from core.errors import StoreFailing
from storage.address import BadAddress
from storage.database import SqlDatabase
from storage.images import Images
from tests.storage.samples import ANNA, NOW, ask, job

ROOM = [Cap(EVERYONE, Period.DAY, 1_000_000)]
LARGE = "x" * 100_000
CUT = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
"""Ends the connection of whoever's turn it is to write."""


async def write(database: SqlDatabase, *jobs: str) -> None:
    for name in jobs:
        async with database.transaction() as tx:
            await tx.jobs.add(job(name, status_message=LARGE))


def content(url: str) -> tuple[bytes, int]:
    file = str(make_url(url).database)
    return Path(file).read_bytes(), Path(f"{file}-wal").stat().st_size


async def test_two_programs_together_never_pass_a_limit(url: str) -> None:
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(SqlDatabase.open(url)) for _ in range(2)]

        async def reserve(number: int) -> bool:
            async with both[number % 2].transaction() as tx:
                return await tx.ledger.hold(job(f"job{number}", user=ANNA), ROOM, NOW)

        held = await asyncio.gather(*map(reserve, range(60)))
        assert sum(held) == 25
        async with both[0].reading() as tx:
            assert await tx.ledger.sums([(EVERYONE, Period.DAY)], NOW) == (1_000_000,)


async def test_a_guest_moves_nothing_from_the_log_into_the_file_beside_a_studio(
    sqlite_url: str,
) -> None:
    jobs = [f"job{number}" for number in range(60)]  # 6 MB: a log of its own would be moved at 4
    async with SqlDatabase.open(sqlite_url) as studio:
        before, _ = content(sqlite_url)
        async with SqlDatabase.open(sqlite_url, checkpoints=False) as guest:
            await write(guest, *jobs)
        after, log = content(sqlite_url)
        assert after == before
        assert log > 6_000_000
        await write(studio, "the studio's")
        assert content(sqlite_url)[0] != before


async def test_the_last_guest_leaves_one_whole_file(sqlite_url: str) -> None:
    async with SqlDatabase.open(sqlite_url, checkpoints=False) as guest:
        await write(guest, "job1")
    file = Path(str(make_url(sqlite_url).database))
    assert [path.name for path in file.parent.iterdir()] == ["studio.db"]


async def test_a_disk_that_refuses_bytes_is_told_and_what_was_written_stays(
    sqlite_url: str,
) -> None:
    """The limit is real: the system refuses every write beyond it."""
    script = f"""
import asyncio, resource, signal
from core.budget import EVERYONE, Cap, Period
from core.errors import StoreFailing
from storage.database import SqlDatabase
from tests.storage.samples import job

async def main():
    async with SqlDatabase.open({sqlite_url!r}) as database:
        async with database.transaction() as tx:
            await tx.jobs.add(job("kept"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
        try:
            async with database.transaction() as tx:
                await tx.jobs.add(job("lost", status_message="x" * 1_000_000))
        except StoreFailing as error:
            print(error.key)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        async with database.transaction() as tx:
            await tx.jobs.add(job("later"))
            print([one.id for one in await tx.jobs.open(["telegram"])])

asyncio.run(main())
"""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": "."}
    )
    said, _ = await asyncio.wait_for(running.communicate(), 30)
    assert said.decode().split("\n")[:2] == ["error.disk_failing", "['kept', 'later']"]


async def test_a_writer_that_holds_its_turn_too_long_makes_others_busy(postgres_url: str) -> None:
    async with SqlDatabase.open(postgres_url) as one, SqlDatabase.open(postgres_url) as other:
        async with other.writer.begin() as connection:
            await connection.execute(text("SET lock_timeout = '20ms'"))
        async with one.transaction():
            with pytest.raises(StoreFailing) as caught:
                async with other.transaction():
                    pytest.fail("two writers at once")
        assert caught.value.key == "error.database_busy"
        async with other.transaction() as tx:
            await tx.inbox.put([ask(1)], NOW)


async def test_a_server_that_lost_us_is_told_and_found_again(postgres_url: str) -> None:
    async with SqlDatabase.open(postgres_url) as one, SqlDatabase.open(postgres_url) as other:

        async def cut_off() -> None:
            async with one.transaction() as tx:
                async with other.reader.connect() as connection:
                    await connection.execute(text(CUT))
                await tx.inbox.put([ask(1)], NOW)

        with pytest.raises(StoreFailing) as caught:
            await cut_off()
        assert caught.value.key == "error.database_unreachable"
        async with one.transaction() as tx:
            await tx.inbox.put([ask(1)], NOW)


def deaf_port() -> int:
    """Find a port at which nobody answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no address I know"),
        ("mysql://me@127.0.0.1/x", "no address I know"),
        ("sqlite+pysqlite:///x.db", "no address I know"),
        ("postgresql://me@127.0.0.1:{port}/x", "leads to no database"),
        ("sqlite:////nowhere/at/all/studio.db", "names no file"),
        ("sqlite://", "names no file"),
    ],
)
async def test_a_database_that_is_not_there_says_what_to_do(url: str, says: str) -> None:
    with pytest.raises(BadAddress, match=says):
        async with SqlDatabase.open(url.format(port=deaf_port())):
            pytest.fail("opened")


@pytest.mark.parametrize("account", ["nobody@/postgres", "postgres@/nothing"])
async def test_a_server_that_knows_no_such_account_or_database_says_so(
    postgres_socket: Path, account: str
) -> None:
    with pytest.raises(BadAddress, match="does not exist"):
        async with SqlDatabase.open(f"postgresql://{account}?host={postgres_socket}"):
            pytest.fail("opened")


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/x", "file:///dev/null/images"])
async def test_a_store_of_images_that_is_not_there_says_what_to_do(url: str) -> None:
    with pytest.raises(BadAddress, match="no store I can open"):
        await Images.reach(url)


async def test_a_bucket_that_does_not_answer_says_what_to_do() -> None:
    options = {
        "config": {"endpoint": f"http://127.0.0.1:{deaf_port()}", "region": "us-east-1"},
        "client_options": {"allow_http": True},
        "retry_config": {"max_retries": 0},
    }
    keys = {"access_key_id": "key", "secret_access_key": "secret"}
    with pytest.raises(BadAddress, match="leads to no bucket"):
        await Images.reach(
            "s3://bucket/studio", {**options, "config": {**options["config"], **keys}}
        )
