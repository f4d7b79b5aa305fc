"""Orders step forward once, whoever else writes beside."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.context import Address, Chat
from core.errors import Conflict, StorageError
from core.job import Remote, Status
from storage.database import SqlDatabase
from storage.tables import OPEN_JOBS, jobs
from tests.storage.plans import plan
from tests.storage.samples import ANNA, BEN, NOW, job

HERE = ["telegram"]
SECOND = timedelta(seconds=1)


async def test_the_same_place_in_a_request_is_taken_once(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.jobs.add(job("a", request="r", number=0))
        await tx.jobs.add(job("b", request="r", number=1))
        with pytest.raises(Conflict):
            await tx.jobs.add(job("c", request="r", number=1))
        assert [one.id for one in await tx.jobs.of_request("r")] == ["a", "b"]


async def test_a_step_from_a_state_that_has_passed_is_a_conflict(database: SqlDatabase) -> None:
    queued = job()
    sending = queued.to(Status.SUBMITTING)
    async with database.transaction() as tx:
        await tx.jobs.add(queued)
        await tx.jobs.save(sending, queued)
        with pytest.raises(Conflict):
            await tx.jobs.save(queued.to(Status.CANCELLED), queued)
        assert await tx.jobs.get("job1") == sending


async def test_the_same_step_written_twice_is_one(database: SqlDatabase) -> None:
    queued = job()
    sending = queued.to(Status.SUBMITTING, ordered_at=NOW)
    async with database.transaction() as tx:
        await tx.jobs.add(queued)
        await tx.jobs.save(sending, queued)
        await tx.jobs.ask_to_cancel("job1")
        await tx.jobs.save(sending, queued)
        with pytest.raises(Conflict):
            await tx.jobs.save(replace(sending, ordered_at=NOW + SECOND), queued)


async def test_a_step_leaves_alone_what_others_noted_meanwhile(database: SqlDatabase) -> None:
    queued = job()
    remote = Remote(id="r1", urls={"status": "https://example.test/r1"})
    sent = replace(queued.to(Status.SUBMITTING), remote=remote)
    async with database.transaction() as tx:
        await tx.jobs.add(queued)
        await tx.jobs.ask_to_cancel("job1")
        await tx.jobs.set_status_message("job1", "99")
        await tx.jobs.save(sent, queued)
        noted = replace(sent, cancel_asked=True, status_message="99")
        assert await tx.jobs.get("job1") == noted


async def test_a_restart_takes_up_what_is_open_on_its_platforms_oldest_first(
    database: SqlDatabase,
) -> None:
    elsewhere = Address(Chat("discord", "5"))
    async with database.transaction() as tx:
        await tx.jobs.add(job("new", created_at=NOW + SECOND))
        await tx.jobs.add(job("old", status=Status.FETCHING))
        await tx.jobs.add(job("lost", status=Status.IN_DOUBT, created_at=NOW + 2 * SECOND))
        await tx.jobs.add(job("over", status=Status.DONE))
        await tx.jobs.add(job("far", address=elsewhere))
        assert [one.id for one in await tx.jobs.open(HERE)] == ["old", "new", "lost"]


async def test_no_two_jobs_have_the_same_remote_of_one_provider(database: SqlDatabase) -> None:
    remote = Remote(id="r1")
    async with database.transaction() as tx:
        await tx.jobs.add(job("a", remote=remote))
        await tx.jobs.add(job("other", provider="replicate", remote=remote))
        owner = await tx.jobs.with_remote("fal", "r1")
        assert owner is not None
        assert (owner.id, owner.remote) == ("a", remote)
        assert await tx.jobs.with_remote("fal", "r2") is None
        await tx.jobs.add(job("b"))
    with pytest.raises(StorageError):
        async with database.transaction() as tx:
            await tx.jobs.save(job("b", remote=remote), job("b"))


async def test_a_person_sees_only_their_own_jobs_newest_first(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        for second in range(5):
            await tx.jobs.add(job(f"anna{second}", created_at=NOW + timedelta(seconds=second)))
        await tx.jobs.add(job("ben", user=BEN))
        newest = await tx.jobs.recent(ANNA, 2)
    assert [one.id for one in newest] == ["anna4", "anna3"]


async def test_open_jobs_are_found_by_their_own_index(sqlite: SqlDatabase) -> None:
    query = select(jobs).where(OPEN_JOBS).order_by(jobs.c.created_at, jobs.c.number)
    assert await plan(sqlite, query) == ["SCAN jobs USING INDEX jobs_open"]
