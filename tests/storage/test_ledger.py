"""Money: nobody passes a limit, and what is closed stays closed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.context import User
from core.errors import Conflict, StorageError
from core.ports import Limits, Spending
from storage.database import SqlDatabase
from tests.storage.samples import ANNA, BEN, NOW, job

FREE = Limits(per_day=None, per_user_per_day=None)
TOMORROW = NOW + timedelta(days=1)


async def test_two_hundred_at_once_never_pass_a_limit(database: SqlDatabase) -> None:
    limits = Limits(per_day=1_000_000, per_user_per_day=None)
    held: list[bool] = []

    async def reserve(number: int) -> None:
        person = replace(ANNA, id=str(number % 7))
        async with database.transaction() as tx:
            held.append(await tx.ledger.hold(job(f"job{number}", user=person), limits, NOW))

    async with database.transaction() as tx:
        assert await tx.ledger.hold(job("before", hold=900_000), limits, NOW)
    async with asyncio.TaskGroup() as tasks:
        for number in range(200):
            tasks.create_task(reserve(number))
    assert (len(held), sum(held)) == (200, 2)
    async with database.reading() as tx:
        assert (await tx.ledger.today(ANNA, NOW)).by_all == 980_000


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        (Limits(per_day=80_000, per_user_per_day=None), True),
        (Limits(per_day=79_999, per_user_per_day=None), False),
        (Limits(per_day=None, per_user_per_day=40_000), True),
        (Limits(per_day=None, per_user_per_day=39_999), False),
        (Limits(per_day=0, per_user_per_day=40_000), False),
        (FREE, True),
    ],
)
async def test_a_limit_may_be_reached_and_not_passed(
    database: SqlDatabase, limits: Limits, *, allowed: bool
) -> None:
    async with database.transaction() as tx:
        assert await tx.ledger.hold(job("bens", user=BEN), FREE, NOW)
        assert await tx.ledger.hold(job(), limits, NOW) is allowed
        spent = await tx.ledger.today(ANNA, NOW)
    assert spent.by_user == (40_000 if allowed else 0)


async def test_what_is_free_is_held_whatever_was_spent(database: SqlDatabase) -> None:
    nothing = Limits(per_day=0, per_user_per_day=0)
    async with database.transaction() as tx:
        await tx.ledger.hold(job("dear"), FREE, NOW)
        assert await tx.ledger.hold(job("free", hold=0), nothing, NOW)


async def test_the_cost_counts_on_the_day_of_its_hold(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.ledger.hold(job("late"), FREE, NOW)
        await tx.ledger.settle("late", 30_000, TOMORROW)
        assert await tx.ledger.today(ANNA, NOW) == Spending(by_user=30_000, by_all=30_000)
        assert await tx.ledger.today(ANNA, TOMORROW) == Spending(by_user=0, by_all=0)


async def test_people_of_two_platforms_with_one_number_are_two(database: SqlDatabase) -> None:
    assert BEN.id == ANNA.id
    async with database.transaction() as tx:
        await tx.ledger.hold(job("annas"), FREE, NOW)
        await tx.ledger.hold(job("bens", user=BEN, hold=5), FREE, NOW)
        assert await tx.ledger.today(BEN, NOW) == Spending(by_user=5, by_all=40_005)
        assert await tx.ledger.today(User("web", "1"), NOW) == Spending(by_user=0, by_all=40_005)


async def test_the_same_ending_twice_is_one_and_another_is_a_conflict(
    database: SqlDatabase,
) -> None:
    async with database.transaction() as tx:
        await tx.ledger.hold(job("paid"), FREE, NOW)
        await tx.ledger.hold(job("freed"), FREE, NOW)
        for _ in range(2):
            await tx.ledger.settle("paid", 50_000, NOW)
            await tx.ledger.release("freed", NOW)
        with pytest.raises(Conflict):
            await tx.ledger.settle("paid", 50_001, NOW)
        with pytest.raises(Conflict):
            await tx.ledger.release("paid", NOW)
        with pytest.raises(Conflict):
            await tx.ledger.settle("freed", 0, NOW)
        assert await tx.ledger.today(ANNA, NOW) == Spending(by_user=50_000, by_all=50_000)


async def test_money_that_was_never_held_cannot_be_spent(database: SqlDatabase) -> None:
    with pytest.raises(StorageError) as caught:
        async with database.transaction() as tx:
            await tx.ledger.settle("job1", 1, NOW)
    assert caught.value.key == "error.no_hold"
