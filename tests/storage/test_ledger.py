"""Money: nobody passes a limit, and what is closed stays closed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.budget import EVERYONE, Cap, Period, Scope, of_chat, of_user, scopes
from core.context import Chat, User
from core.errors import Conflict, StorageError
from core.ports import UnitOfWork
from storage.database import SqlDatabase
from tests.storage.race import race
from tests.storage.samples import ANNA, BEN, CHAT, NOW, job

TOMORROW = NOW + timedelta(days=1)
DAY, MONTH, TOTAL = Period.DAY, Period.MONTH, Period.TOTAL
GUILD = Scope("server", "telegram:9")


def all_day(amount: int) -> Cap:
    return Cap(EVERYONE, DAY, amount)


async def spent(tx: UnitOfWork, scope: Scope = EVERYONE, period: Period = DAY) -> int:
    (spent,) = await tx.ledger.sums([(scope, period)], NOW)
    return spent


async def test_a_thousand_at_once_never_pass_one_of_several_limits(database: SqlDatabase) -> None:
    assert await race(database, rounds=1, seed=7) == []


@pytest.mark.parametrize(
    ("caps", "allowed"),
    [
        ([all_day(80_000)], True),
        ([all_day(79_999)], False),
        ([Cap(of_user(ANNA), DAY, 40_000)], True),
        ([Cap(of_user(ANNA), TOTAL, 39_999)], False),
        ([Cap(of_chat(CHAT), MONTH, 80_000)], True),
        ([Cap(of_chat(CHAT), MONTH, 79_999)], False),
        ([Cap(GUILD, DAY, 39_999)], False),
        ([Cap(GUILD, DAY, 40_000)], True),
        ([all_day(0), Cap(of_user(ANNA), DAY, 40_000)], False),
        ([], True),
    ],
)
async def test_a_limit_may_be_reached_and_not_passed(
    database: SqlDatabase, caps: list[Cap], *, allowed: bool
) -> None:
    mine = job(address=replace(job().address, server="9"))
    async with database.transaction() as tx:
        assert await tx.ledger.hold(job("bens", user=BEN), [], NOW)
        assert await tx.ledger.hold(mine, caps, NOW) is allowed
        assert await spent(tx, of_user(ANNA)) == (40_000 if allowed else 0)


async def test_what_is_free_is_held_whatever_was_spent(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.ledger.hold(job("dear"), [], NOW)
        assert await tx.ledger.hold(job("free", hold=0), [all_day(0)], NOW)


async def test_the_cost_counts_on_the_day_of_its_hold(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.ledger.hold(job("late"), [], NOW)
        await tx.ledger.settle("late", 30_000, TOMORROW)
        assert await tx.ledger.sums([(EVERYONE, DAY)], NOW) == (30_000,)
        assert await tx.ledger.sums([(EVERYONE, DAY)], TOMORROW) == (0,)
        assert await tx.ledger.sums([(EVERYONE, MONTH)], TOMORROW) == (30_000,)
        next_month = NOW + timedelta(days=31)
        assert await tx.ledger.sums([(EVERYONE, MONTH)], next_month) == (0,)
        assert await tx.ledger.sums([(EVERYONE, TOTAL)], next_month) == (30_000,)


async def test_a_clock_that_jumps_back_frees_nothing(database: SqlDatabase) -> None:
    caps = [all_day(80_000), Cap(EVERYONE, MONTH, 80_000)]
    yesterday, long_ago = NOW - timedelta(days=1), NOW.replace(year=1970)
    async with database.transaction() as tx:
        assert await tx.ledger.hold(job("first"), caps, NOW)
        assert await tx.ledger.hold(job("second"), caps, yesterday)
        assert not await tx.ledger.hold(job("third"), caps, yesterday)
        assert not await tx.ledger.hold(job("third"), caps, long_ago)
        assert await tx.ledger.today(long_ago) == NOW.date()
        assert await tx.ledger.hold(job("third"), caps[:1], TOMORROW)
        assert await tx.ledger.by_day(EVERYONE, 5) == (
            (date(2026, 3, 2), 40_000),
            (date(2026, 3, 1), 80_000),
        )


async def test_people_of_two_platforms_with_one_number_are_two(database: SqlDatabase) -> None:
    assert BEN.id == ANNA.id
    async with database.transaction() as tx:
        await tx.ledger.hold(job("annas"), [], NOW)
        await tx.ledger.hold(job("bens", user=BEN, hold=5), [], NOW)
        found = [await spent(tx, of_user(one)) for one in (ANNA, BEN, User("web", "1"))]
    assert found == [40_000, 5, 0]


async def test_threads_share_their_chat_and_channels_their_server(database: SqlDatabase) -> None:
    chats = [Chat("discord", "1", "a"), Chat("discord", "1", "b"), Chat("discord", "2")]
    places = [replace(job().address, chat=chat, server="9") for chat in chats]
    async with database.transaction() as tx:
        for number, place in enumerate(places):
            await tx.ledger.hold(job(f"job{number}", address=place), [], NOW)
        sums = [await spent(tx, scope) for scope in scopes(ANNA, places[2])]
        assert sums == [120_000, 120_000, 40_000, 120_000]
        assert await spent(tx, of_chat(Chat("discord", "1"))) == 80_000


async def test_spending_is_told_by_model(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.ledger.hold(job("one"), [], NOW)
        await tx.ledger.hold(job("two", provider="replicate", model="seedream"), [], NOW)
        await tx.ledger.hold(job("freed", model="other"), [], NOW)
        await tx.ledger.release("freed", NOW)
        await tx.ledger.settle("two", 50_000, NOW)
        found = await tx.ledger.by_model(of_user(ANNA), NOW)
        assert await tx.ledger.by_model(of_user(BEN), NOW) == ()
    assert found == (("replicate/seedream", 50_000), ("fal/flux", 40_000))


async def test_the_same_ending_twice_is_one_and_another_is_a_conflict(
    database: SqlDatabase,
) -> None:
    async with database.transaction() as tx:
        await tx.ledger.hold(job("paid"), [], NOW)
        await tx.ledger.hold(job("freed"), [], NOW)
        for _ in range(2):
            await tx.ledger.settle("paid", 50_000, NOW)
            await tx.ledger.release("freed", NOW)
        with pytest.raises(Conflict):
            await tx.ledger.settle("paid", 50_001, NOW)
        with pytest.raises(Conflict):
            await tx.ledger.release("paid", NOW)
        with pytest.raises(Conflict):
            await tx.ledger.settle("freed", 0, NOW)
        assert await spent(tx) == 50_000


async def test_money_that_was_never_held_cannot_be_spent(database: SqlDatabase) -> None:
    with pytest.raises(StorageError) as caught:
        async with database.transaction() as tx:
            await tx.ledger.settle("job1", 1, NOW)
    assert caught.value.key == "error.no_hold"
