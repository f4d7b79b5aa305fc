"""What operators are told of a provider's account, however often it changes its mind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.wiring import open_studio
from core.errors import ProviderDenied, ProviderUnavailable
from core.job import Status
from core.providers.breaker import Breaker, Limits
from tests.bot.test_failing_disk import until
from tests.bot.town import half_past
from tests.core.worker.stand import Stand
from tests.core.worker.workshop import Workshop, at_work
from tests.studio import Clock, settings_at

AT_ONCE = Limits(first_pause=0.0, longest_pause=0.0)
LIMIT = AT_ONCE.failures
LOCKED = ProviderDenied("provider_denied", provider="fal", detail="User is locked.")


@pytest.fixture
def clock() -> Clock:
    return half_past()


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
async def here(tmp_path: Path, clock: Clock, stand: Stand) -> AsyncIterator[Workshop]:
    async with (
        open_studio(settings_at(tmp_path), lambda *_: {}) as bare,
        at_work(replace(bare, now=clock.now), stand, limits=AT_ONCE) as workshop,
    ):
        yield workshop


async def owed(here: Workshop) -> list[str]:
    """List the occasions that the web chat is to be told of."""
    async with here.studio.database.reading() as tx:
        waiting = await tx.inbox.waiting()
    return [ask.context.request.split(":")[1] for ask in waiting]


async def refused_then_taken(here: Workshop, stand: Stand) -> None:
    """Let two orders come: the first is refused, the second after two vain tries taken."""
    stand.failing("order", LOCKED, LOCKED, LOCKED)
    await here.told(await here.order("fal"), "User is locked.")
    await here.shown(await here.order("fal"))


async def test_an_account_that_passes_every_check_and_refuses_every_order_is_one_refusal_an_hour(
    here: Workshop, stand: Stand, clock: Clock
) -> None:
    for _ in range(2):
        await refused_then_taken(here, stand)
    assert not here.studio.breakers["fal"].is_open
    clock.ahead += timedelta(hours=1)
    await refused_then_taken(here, stand)

    async def told_of_both_hours() -> bool:
        return await owed(here) == ["denied", "taken", "denied", "taken"]

    await until(told_of_both_hours)
    assert here.studio.notices.is_set()


async def test_an_order_that_is_taken_is_told_though_the_studio_was_restarted_meanwhile(
    tmp_path: Path, stand: Stand, clock: Clock
) -> None:
    async with open_studio(settings_at(tmp_path), lambda *_: {}) as bare:
        studio = replace(bare, now=clock.now)
        stand.failing("order", LOCKED)
        async with at_work(studio, stand, limits=AT_ONCE) as here:
            await here.told(await here.order("fal"), "User is locked.")
        async with at_work(studio, stand, limits=AT_ONCE) as here:
            await refused_then_taken(here, stand)

            async def told_of_both() -> bool:
                return await owed(here) == ["denied", "taken"]

            await until(told_of_both)


@pytest.mark.parametrize(
    "error", [LOCKED, ProviderUnavailable("provider_unavailable")], ids=["account", "outage"]
)
async def test_only_the_order_that_finds_it_out_fails_of_those_that_were_under_way(
    here: Workshop, stand: Stand, error: Exception
) -> None:
    together = asyncio.Barrier(LIMIT)

    async def fail_together() -> None:
        await together.wait()
        raise error

    stand.before("order", *[fail_together] * LIMIT)
    jobs = [await here.order("fal") for _ in range(LIMIT)]

    async def all_have_ended() -> bool:
        return all([(await here.job(job)).finished for job in jobs])

    await until(all_have_ended)
    ends = [(await here.job(job)).status for job in jobs]
    assert sorted(ends) == [Status.DONE] * (LIMIT - 1) + [Status.FAILED]


async def test_a_refusal_that_lasts_is_told_though_one_was_told_in_the_hour_it_began(
    here: Workshop, stand: Stand, clock: Clock
) -> None:
    await refused_then_taken(here, stand)
    stand.failing("order", *[LOCKED] * 1000)
    await here.told(await here.order("fal"), "User is locked.")
    await here.order("fal")
    clock.ahead += timedelta(hours=1)

    async def told_again() -> bool:
        return await owed(here) == ["denied", "taken", "denied"]

    await until(told_again)


async def test_a_trial_goes_on_when_an_order_that_was_sent_before_it_is_taken(
    here: Workshop, stand: Stand
) -> None:
    old, trial = asyncio.Event(), asyncio.Event()

    async def refused() -> None:
        raise LOCKED

    async def refused_late() -> None:
        await trial.wait()
        raise LOCKED

    async def taken_late() -> None:
        await old.wait()

    stand.before("order", taken_late, refused, refused_late)
    first = await here.order("fal")
    await told_of(stand, 1)
    await here.told(await here.order("fal"), "User is locked.")
    last = await here.order("fal")
    await told_of(stand, 3)
    old.set()
    await here.shown(first)
    assert here.studio.breakers["fal"].is_open
    trial.set()
    await here.shown(last)


async def told_of(stand: Stand, orders: int) -> None:
    """Wait until so many orders were sent."""

    async def sent() -> bool:
        return stand.asked.count("order") == orders

    await until(sent)


async def test_an_order_that_was_under_way_when_another_was_refused_ends_no_refusal() -> None:
    breaker = Breaker(Stand(), Limits())
    with pytest.raises(ProviderDenied), breaker.counting():
        raise LOCKED
    breaker.took_order(trial=False)
    assert breaker.news.get_nowait() is LOCKED
    assert breaker.news.empty()
