"""A provider that fails is left alone; its jobs wait, and only a free call finds out when."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from core.errors import InDoubt, ProviderUnavailable, RateLimited
from core.job import Status
from core.providers.breaker import Breaker, Circuit, Limits
from core.replies import Accepted, Menu
from tests.core.worker.stand import Stand
from tests.core.worker.workshop import LIMITS, Market, market, workshop_at
from tests.emulators.fal import FalEmulator

LEFT_ALONE = "nano_banana_provider_left_alone"
BOTH = pytest.mark.parametrize("name", ["fal", "replicate"])
KEYS = {"fal": "fal-test-key", "replicate": "r8_test"}
WAITS = "takes no orders just now"


@BOTH
async def test_a_refused_key_stops_all_orders_and_keeps_the_queue(
    tmp_path: Path, name: str
) -> None:
    async with market(name) as shop, workshop_at(tmp_path, shop.adapter) as here:
        shop.emulator.key = "another"
        first = await here.order(name)
        await here.told(first, "does not accept the studio's key")
        jobs = [await here.order(name, seed=number) for number in range(3)]
        for job in jobs:
            await here.status(job, WAITS)
        assert shop.paid_posts() == 1
        listed = await here.say("jobs")
        assert isinstance(listed, Menu)
        assert listed.text.lines[-1].key == "jobs.denied"
        assert not (await here.studio.breakers[name].check()).ok
        shop.emulator.key = KEYS[name]
        for job in jobs:
            await here.reach(job, Status.DONE)
        assert shop.paid_posts() == 4
        assert await here.spent() == shop.emulator.billed


async def test_without_credit_one_order_at_a_time_finds_out_and_none_is_given_up_for_it(
    tmp_path: Path,
) -> None:
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter) as here:
        shop.lose("status", times=4, code=402)  # the key itself is good, says the free call
        await here.told(await here.order("fal"), "does not accept")
        for job in [await here.order("fal", seed=number) for number in range(8)]:
            await here.reach(job, Status.DONE)
        paid = [call.at for call in shop.emulator.called("POST")]
        asked = [call.at for call in shop.emulator.called("GET", "/pricing")]
        assert paid[1] > asked[0]
        assert paid[2] > asked[1]
        assert paid[3] > asked[2]
        assert len(paid) == 4 + 8
        assert here.studio.breakers["fal"].circuit is Circuit.CLOSED
        assert await here.spent() == shop.emulator.billed


@BOTH
async def test_a_job_that_waits_can_be_cancelled(tmp_path: Path, name: str) -> None:
    async with market(name) as shop, workshop_at(tmp_path, shop.adapter) as here:
        shop.emulator.key = "another"
        await here.told(await here.order(name), "does not accept")
        job = await here.order(name)
        await here.status(job, WAITS)
        await here.say("cancel", job=job)
        await here.told(job, "Cancelled")
        assert await here.spent() == 0


@BOTH
async def test_after_five_failures_in_a_row_nothing_is_ordered_until_a_free_call_works(
    tmp_path: Path, name: str
) -> None:
    async with market(name) as shop, workshop_at(tmp_path, shop.adapter, rounds=(30.0,)) as here:
        shop.lose("status", times=5, code=503)
        for number in range(5):
            await here.told(await here.order(name, seed=number), "was lost")
        assert here.studio.breakers[name].circuit is Circuit.FAILING
        assert REGISTRY.get_sample_value(LEFT_ALONE, {"provider": name}) == 1
        shop.emulator.key = "another"
        waiting = await here.order(name, seed=9)
        await here.status(waiting, WAITS)
        assert shop.paid_posts() == 5
        shop.emulator.key = KEYS[name]
        await here.shown(waiting)
        assert shop.paid_posts() == 6
        assert here.studio.breakers[name].circuit is Circuit.CLOSED
        assert REGISTRY.get_sample_value(LEFT_ALONE, {"provider": name}) == 0


async def test_another_providers_jobs_go_on(tmp_path: Path) -> None:
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter) as here:
        shop.emulator.key = "another"
        await here.told(await here.order("fal"), "does not accept")
        waiting = await here.order("fal")
        await here.status(waiting, WAITS)
        reply = await here.say("imagine", prompt="a boat", model="sketch")
        assert isinstance(reply, Accepted)
        await here.shown(reply.jobs[0])
        assert (await here.job(waiting)).status is Status.QUEUED


async def test_a_throttled_order_is_sent_again_after_the_wait_that_was_asked_for(
    tmp_path: Path,
) -> None:
    async with market("replicate") as shop, workshop_at(tmp_path, shop.adapter) as here:
        throttled = {"detail": "Request was throttled. Your rate limit resets in ~1s."}
        shop.lose("status", code=429, body=throttled)
        job = await here.order("replicate")
        await here.shown(job)
        calls = [call.at for call in shop.emulator.called("POST", "/predictions")]
        assert calls[1] - calls[0] >= 1
        assert len(shop.emulator.jobs) == 1
        assert await here.spent() == shop.emulator.billed


async def test_throttled_orders_of_a_burst_are_all_sent_again(tmp_path: Path) -> None:
    stand, together = Stand(), asyncio.Barrier(LIMITS.failures)

    async def throttled() -> None:
        await together.wait()
        raise RateLimited("rate_limited", retry_after=0.05)

    stand.before("order", *[throttled] * LIMITS.failures)
    async with workshop_at(tmp_path, stand) as here:
        for job in [await here.order("fal") for _ in range(LIMITS.failures)]:
            await here.reach(job, Status.DONE)
        assert not here.studio.breakers["fal"].is_open


async def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ProviderUnavailable), breaker.counting():
            raise ProviderUnavailable("provider_unavailable")


def probes(shop: Market) -> int:
    return len(shop.emulator.called("GET", "/pricing"))


async def test_pauses_grow_while_the_free_call_fails_and_a_success_forgets_them() -> None:
    async with market("fal") as shop:
        breaker = Breaker(shop.adapter, Limits(failures=2, first_pause=0.0, longest_pause=9.0))
        await fail(breaker, 1)
        with breaker.counting():
            pass
        await fail(breaker, 1)
        assert await breaker.wait() == 0
        assert probes(shop) == 0
        await fail(breaker, 1)
        assert await breaker.wait() == 0
        assert probes(shop) == 1
    slow = Breaker(shop.adapter, Limits(failures=1, first_pause=5.0, longest_pause=9.0))
    await fail(slow, 1)
    assert 4 < await slow.wait() <= 5
    assert isinstance(shop.emulator, FalEmulator)


async def test_orders_in_doubt_count_as_failures() -> None:
    async with market("fal") as shop:
        breaker = Breaker(shop.adapter, Limits(failures=1))
        with pytest.raises(InDoubt), breaker.counting():
            raise InDoubt("in_doubt")
        assert breaker.circuit is Circuit.FAILING
