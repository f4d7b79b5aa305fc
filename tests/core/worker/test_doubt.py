"""An order whose answer was lost: found and delivered, or asked about; never ordered twice."""

from pathlib import Path

import pytest

from core.context import Address, Chat, User
from core.errors import Conflict
from core.job import Status
from core.ports import Order
from core.replies import Text
from core.worker.doubt import next_look
from tests.core.providers.orders import ordered
from tests.core.worker.workshop import BRIEF, market, workshop_at

BOTH = pytest.mark.parametrize("name", ["fal", "replicate"])
LOST, UNCLEAR = "was lost. I am looking", "It is unclear"


@BOTH
async def test_what_is_not_found_is_asked_about_and_freed_only_by_giving_up(
    tmp_path: Path, name: str
) -> None:
    async with market(name) as shop, workshop_at(tmp_path, shop.adapter, rounds=BRIEF) as here:
        shop.lose("drop_before")
        job = await here.order(name)
        question = await here.told(job, UNCLEAR)
        tokens = [button["token"] for button in question["buttons"]]
        assert tokens == [f"check:{job}", f"giveup:{job}"]
        assert await here.spent() == (await here.job(job)).hold > 0
        await here.say("giveup", job=job)
        await here.told(job, "no longer reserved")
        assert await here.spent() == 0
        assert (await here.job(job)).status is Status.CANCELLED
        assert shop.emulator.jobs == []
        assert shop.paid_posts() == 1


@BOTH
async def test_checking_again_finds_what_shows_up_late(tmp_path: Path, name: str) -> None:
    async with market(name) as shop, workshop_at(tmp_path, shop.adapter, rounds=BRIEF) as here:
        shop.lose("accept_then_drop")
        shop.hide(looks=10_000)
        job = await here.order(name)
        await here.told(job, UNCLEAR)
        await here.say("check", job=job)
        await here.told(job, UNCLEAR)
        shop.hide(looks=0)
        await here.say("check", job=job)
        await here.shown(job)
        assert shop.paid_posts() == 1
        assert await here.spent() == shop.emulator.billed


async def test_a_press_during_the_last_look_is_not_taken_back_by_it(tmp_path: Path) -> None:
    async with (
        market("fal") as shop,
        workshop_at(tmp_path, shop.adapter, rounds=(30.0,)) as here,
    ):
        shop.lose("drop_before")
        job = await here.order("fal")
        await here.told(job, LOST)
        before = await here.job(job)
        await here.say("check", job=job)
        assert await next_look(here.studio, before, ()) is None
        after = await here.job(job)
    assert after.error == "error.in_doubt"
    assert after.doubted_at != before.doubted_at


@BOTH
async def test_a_restart_goes_on_with_the_search(tmp_path: Path, name: str) -> None:
    async with market(name) as shop:
        shop.lose("accept_then_drop")
        shop.hide(looks=10_000)
        async with workshop_at(tmp_path, shop.adapter, rounds=(30.0,)) as here:
            job = await here.order(name)
            await here.told(job, LOST)
        shop.hide(looks=1)
        async with workshop_at(tmp_path, shop.adapter) as here:
            assert (await here.shown(job))["shots"]
            assert await here.spent() == shop.emulator.billed > 0
        assert shop.paid_posts() == 1


@BOTH
async def test_a_job_that_was_being_sent_when_the_studio_died_is_searched_for(
    tmp_path: Path, name: str
) -> None:
    async with market(name) as shop:
        async with workshop_at(tmp_path, shop.adapter, working=False) as here:
            job = await here.job(await here.order(name))
            sending = job.to(Status.SUBMITTING, ordered_at=here.studio.now())
            async with here.studio.database.transaction() as tx:
                await tx.jobs.save(sending, job)
            spec = here.studio.catalogue.model(job.provider, job.model)
            await ordered(shop.adapter, Order(job=job.id, spec=spec, work=job.work))
        async with workshop_at(tmp_path, shop.adapter) as here:
            await here.shown(job.id)
            assert await here.spent() == shop.emulator.billed > 0
        assert shop.paid_posts() == 1


@BOTH
async def test_two_orders_for_the_same_never_take_the_same_remote_job(
    tmp_path: Path, name: str
) -> None:
    async with market(name) as shop, workshop_at(tmp_path, shop.adapter) as here:
        shop.lose("accept_then_drop", times=2)
        shop.hide(looks=2)
        jobs = [await here.order(name, seed=7), await here.order(name, seed=7)]
        remotes = {str((await here.reach(job, Status.DONE)).remote) for job in jobs}
        assert len(remotes) == len(shop.emulator.jobs) == shop.paid_posts() == 2
        assert await here.spent() == shop.emulator.billed


@BOTH
async def test_a_lost_order_does_not_take_what_is_another_jobs(tmp_path: Path, name: str) -> None:
    async with market(name) as shop, workshop_at(tmp_path, shop.adapter, rounds=BRIEF) as here:
        kept = await here.order(name, seed=7)
        await here.shown(kept)
        shop.lose("drop_before")
        lost = await here.order(name, seed=7)
        await here.told(lost, UNCLEAR)
        assert (await here.job(lost)).remote is None
        assert await here.spent() == shop.emulator.billed + (await here.job(lost)).hold


async def test_only_the_owner_or_an_operator_decides_about_a_lost_order(tmp_path: Path) -> None:
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter, rounds=BRIEF) as here:
        shop.lose("drop_before")
        job = await here.order("fal")
        await here.told(job, UNCLEAR)
        for command in ("check", "giveup"):
            reply = await here.say(command, User("telegram", "77"), job=job)
            assert isinstance(reply, Text)
            assert reply.key == "error.not_yours"
        assert (await here.job(job)).status is Status.IN_DOUBT


async def test_an_operator_decides_in_a_chat_of_their_own(tmp_path: Path) -> None:
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter, rounds=BRIEF) as here:
        shop.lose("drop_before")
        lost = await here.job(await here.order("fal"))
        await here.told(lost.id, UNCLEAR)
        assert lost.address.chat == Address(Chat("web", "home")).chat
        await here.say("giveup", User("cli", "root"), job=lost.id)
        assert (await here.job(lost.id)).status is Status.CANCELLED


async def test_an_order_given_up_is_not_taken_up_again(tmp_path: Path) -> None:
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter, rounds=BRIEF) as here:
        shop.lose("accept_then_drop")
        shop.hide(looks=10_000)
        job = await here.order("fal")
        await here.told(job, UNCLEAR)
        await here.say("giveup", job=job)
        await here.told(job, "no longer reserved")
        shop.hide(looks=0)
        reply = await here.say("check", job=job)
        assert isinstance(reply, Text)
        assert reply.key == "error.not_in_doubt"
        assert await here.spent() == 0
        with pytest.raises(Conflict):
            (await here.job(job)).to(Status.SUBMITTED)


async def test_a_cancellation_is_passed_on_once_the_order_is_found(tmp_path: Path) -> None:
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter) as here:
        shop.emulator.manual = True
        shop.lose("accept_then_drop")
        shop.hide(looks=2)
        job = await here.order("fal")
        await here.reach(job, Status.IN_DOUBT)
        await here.say("cancel", job=job)
        await here.told(job, "Cancelled")
        assert [one.state for one in shop.emulator.jobs] == ["cancelled"]
        assert await here.spent() == shop.emulator.billed == 0


async def test_a_remote_job_that_two_orders_claim_belongs_to_one(tmp_path: Path) -> None:
    rounds = (0.05, 0.1, 0.2, 0.4, 0.8)
    async with (
        market("replicate") as shop,
        workshop_at(tmp_path, shop.adapter, rounds=rounds) as here,
    ):
        shop.emulator.manual = True
        shop.lose("drop_before")
        searching = await here.order("replicate", seed=7)
        await here.told(searching, LOST)
        sending = await here.order("replicate", seed=7)
        await here.reach(searching, Status.SUBMITTED)
        assert (await here.job(sending)).status is Status.SUBMITTING
        await here.told(sending, UNCLEAR)
        (remote,) = shop.emulator.jobs
        shop.emulator.finish(remote.id)
        await here.shown(searching)
        held = (await here.job(sending)).hold
        assert await here.spent() == shop.emulator.billed + held
        assert shop.paid_posts() == 2


async def test_a_job_is_found_with_a_seed_that_nobody_asked_for(tmp_path: Path) -> None:
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter, working=False) as here:
        job = await here.job(await here.order("fal"))
        assert job.work.seed is not None
