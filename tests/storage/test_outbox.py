"""A promise is open until its platform says yes."""

from dataclasses import replace
from datetime import timedelta

from core.context import Address, Chat
from core.job import Status
from core.ports import Delivery
from storage.database import SqlDatabase
from tests.storage.plans import plan_of
from tests.storage.samples import ANNA, CHAT, NOW, job

HERE = ["telegram"]
LATER = NOW + timedelta(minutes=1)


async def test_a_promise_made_twice_is_one(database: SqlDatabase) -> None:
    done = job(status=Status.DONE)
    async with database.transaction() as tx:
        await tx.jobs.add(done)
        await tx.outbox.put("job1", NOW)
        await tx.outbox.put("job1", LATER)
        (promise,) = await tx.outbox.due(LATER, HERE, 9)
        assert promise == Delivery(
            job="job1", ending=Status.DONE, promised_at=NOW, attempts=0, due_at=NOW
        )
        await tx.outbox.delivered(promise, NOW)
        await tx.outbox.put("job1", LATER)
        assert await tx.outbox.due(LATER, HERE, 9) == ()


async def test_a_postponed_promise_comes_back_when_it_is_due(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.jobs.add(job(status=Status.FAILED))
        await tx.outbox.put("job1", NOW)
        (promise,) = await tx.outbox.due(NOW, HERE, 9)
        await tx.outbox.postpone(promise, LATER, "too many requests")
        assert await tx.outbox.due(NOW, HERE, 9) == ()
        assert await tx.outbox.next_due(NOW, HERE) == LATER
        (again,) = await tx.outbox.due(LATER, HERE, 9)
        assert (again.attempts, again.error) == (1, "too many requests")
        await tx.outbox.give_up(again, LATER, "chat is gone")
        assert await tx.outbox.due(LATER, HERE, 9) == ()
        assert await tx.outbox.next_due(NOW, HERE) is None
        (lost,) = await tx.outbox.given_up(LATER)
        assert (lost.job, lost.error) == ("job1", "chat is gone")
        assert await tx.outbox.given_up(LATER + timedelta(seconds=1)) == ()


async def test_a_yes_to_the_doubt_does_not_keep_the_ending_from_being_told(
    database: SqlDatabase,
) -> None:
    doubt = job(status=Status.IN_DOUBT)
    async with database.transaction() as tx:
        await tx.jobs.add(doubt)
        await tx.outbox.put("job1", NOW)
        (unclear,) = await tx.outbox.due(NOW, HERE, 9)
        await tx.jobs.save(doubt.to(Status.FAILED), doubt)
        await tx.outbox.put("job1", NOW)
        await tx.outbox.delivered(unclear, NOW)
        (ending,) = await tx.outbox.due(NOW, HERE, 9)
    assert ending.ending == Status.FAILED


async def test_what_a_chat_was_closed_for_is_due_again_for_who_comes_back(
    database: SqlDatabase,
) -> None:
    there = Address(replace(CHAT, thread="8"))
    elsewhere = Address(Chat("telegram", "5"))
    lost = {
        "mine": (job("mine", address=there), "error.telegram.closed"),
        "mine2": (job("mine2"), "error.telegram.closed"),
        "unheard": (job("unheard"), "error.telegram.unheard"),
        "elsewhere": (job("elsewhere", address=elsewhere), "error.telegram.closed"),
        "theirs": (job("theirs", user=replace(ANNA, id="2")), "error.telegram.closed"),
        "old": (job("old", created_at=NOW - timedelta(days=1)), "error.telegram.closed"),
    }
    async with database.transaction() as tx:
        for name, (one, error) in lost.items():
            await tx.jobs.add(one)
            await tx.outbox.put(name, one.created_at)
            (promise,) = await tx.outbox.due(NOW, HERE, 9)
            await tx.outbox.postpone(promise, NOW, "error.telegram.flooded")
            await tx.outbox.give_up(promise, LATER, error)
    async with database.transaction() as tx:
        assert set(await tx.outbox.revive(ANNA, CHAT, NOW)) == {"mine", "mine2"}
        assert await tx.outbox.revive(ANNA, CHAT, NOW) == ()
    async with database.reading() as tx:
        due = await tx.outbox.due(NOW, HERE, 9)
        still = {one.job for one in await tx.outbox.given_up(NOW)}
    assert {one.job for one in due} == {"mine", "mine2"}
    assert {(one.attempts, one.error) for one in due} == {(1, "error.telegram.closed")}
    assert still == set(lost) - {"mine", "mine2"}


async def test_looking_for_what_was_given_up_reads_nothing_else(sqlite: SqlDatabase) -> None:
    found = await plan_of(sqlite, lambda tx: tx.outbox.revive(ANNA, CHAT, NOW))
    assert found == "SEARCH outbox USING INDEX outbox_given_up (closed_at>?)"


async def test_promises_come_oldest_first_and_only_for_the_platforms_asked(
    database: SqlDatabase,
) -> None:
    async with database.transaction() as tx:
        for name in ("b", "a", "c"):
            await tx.jobs.add(job(name))
        await tx.jobs.add(job("far", address=Address(Chat("discord", "5"))))
        for second, name in enumerate(("a", "b", "far", "c")):
            await tx.outbox.put(name, NOW + timedelta(seconds=second))
        assert [one.job for one in await tx.outbox.due(LATER, HERE, 2)] == ["a", "b"]
        assert [one.job for one in await tx.outbox.due(LATER, ["discord"], 2)] == ["far"]
