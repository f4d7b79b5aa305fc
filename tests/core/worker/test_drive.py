"""A job on its way, with something in the way at every step."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typing_extensions import override

from bot.web_chat.outbound import WebMessenger
from core.context import Address
from core.doubt import doubted, unclear
from core.errors import InDoubt, ProviderUnavailable, RateLimited, StoreFailing, Stuck, StudioError
from core.job import Job, Remote, Status
from core.ports import Database, UnitOfWork
from core.replies import Accepted, Pictures, Progress, Reply
from core.worker.doubt import next_look
from core.worker.drive import Drive
from core.worker.ending import end, leave_in_doubt
from core.worker.loop import Worker
from storage.room import DiskRoom
from tests.core.money.desk import until
from tests.core.worker.stand import Stand
from tests.core.worker.workshop import BRIEF, Workshop, running, workshop_at

LOST = InDoubt("in_doubt")
DOWN = ProviderUnavailable("provider_unavailable")
LATER = RateLimited("rate_limited", retry_after=600.0)


async def stepped(here: Workshop, job: Job, *steps: Status) -> None:
    """Write steps as a process did that then died."""
    async with here.studio.database.transaction() as tx:
        for status in steps:
            further = job.to(status)
            await tx.jobs.save(further, job)
            job = further


async def free(here: Workshop) -> Job:
    reply = await here.say("imagine", prompt="a fox", model="sketch")
    assert isinstance(reply, Accepted)
    return await here.job(reply.jobs[0])


@pytest.mark.parametrize(
    ("step", "error", "status", "key", "paid"),
    [
        ("order", KeyError("ours"), Status.IN_DOUBT, "error.in_doubt", True),
        ("follow", DOWN, Status.DONE, "", True),
        ("result", KeyError("ours"), Status.FAILED, "error.unexpected", True),
        ("result", DOWN, Status.DONE, "", True),
    ],
)
async def test_what_goes_wrong_at_a_step_ends_the_job_with_its_money_where_it_belongs(
    tmp_path: Path, step: str, error: Exception, status: Status, key: str, *, paid: bool
) -> None:
    stand = Stand()
    stand.failing(step, error)
    async with workshop_at(tmp_path, stand, rounds=(30.0,), pauses=(0.01,)) as here:
        found = await here.reach(await here.order("fal"), status)
        assert found.error == key
        assert await here.spent() == (found.hold if paid else 0)
        assert stand.asked.count("order") == 1


async def test_an_order_that_is_throttled_every_time_is_refused_unpaid(tmp_path: Path) -> None:
    stand, busy = Stand(), RateLimited("rate_limited", retry_after=0.01)
    stand.failing("order", busy, busy)
    async with workshop_at(tmp_path, stand, pauses=(0.01,)) as here:
        found = await here.reach(await here.order("fal"), Status.FAILED)
        assert found.error == "error.rate_limited"
        assert await here.spent() == 0
        assert stand.asked == ["order", "order"]


async def test_a_studio_that_stops_while_it_is_throttled_orders_at_its_next_start(
    tmp_path: Path,
) -> None:
    stand = Stand()
    stand.failing("order", LATER)
    async with workshop_at(tmp_path, stand) as here:
        job = await here.order("fal")
        await here.status(job, "asks for about 10 min")
        assert (await here.job(job)).unordered
    async with workshop_at(tmp_path, Stand()) as here:
        await here.shown(job)
        assert (await here.job(job)).doubted_at is None


async def test_who_cancels_while_it_is_throttled_need_not_wait_and_pays_nothing(
    tmp_path: Path,
) -> None:
    stand = Stand()
    stand.failing("order", LATER)
    async with workshop_at(tmp_path, stand) as here:
        job = await here.order("fal")
        await here.status(job, "asks for about 10 min")
        await here.say("cancel", job=job)
        assert (await here.reach(job, Status.CANCELLED)).cost == 0
        assert await here.spent() == 0
        assert stand.asked == ["order"]


@pytest.mark.parametrize(
    ("heard", "key"),
    [(True, "error.stuck"), (False, "error.result_lost")],
    ids=["heard", "unheard"],
)
async def test_a_job_that_is_stuck_is_stopped_there_and_paid_where_that_is_not_certain(
    tmp_path: Path, key: str, *, heard: bool
) -> None:
    stand = Stand()
    stand.failing("follow", Stuck("stuck", provider="fal", seconds=1800))
    if not heard:
        stand.failing("cancel", DOWN)
    async with workshop_at(tmp_path, stand) as here:
        found = await here.reach(await here.order("fal"), Status.FAILED)
        assert found.error == key
        assert await here.spent() == (0 if heard else found.hold)
    assert stand.asked == ["order", "follow", "cancel"]


async def test_a_job_that_seems_stuck_and_is_made_is_fetched_and_paid(tmp_path: Path) -> None:
    stand = Stand(completed=True)
    stand.failing("follow", Stuck("stuck", provider="fal", seconds=1800))
    async with workshop_at(tmp_path, stand) as here:
        job = await here.order("fal")
        await here.shown(job)
        assert await here.spent() == (await here.job(job)).cost
    assert stand.asked == ["order", "follow", "cancel", "result"]


async def test_a_cancellation_that_did_not_get_through_is_passed_on_when_asked_again(
    tmp_path: Path,
) -> None:
    stand, may_end = Stand(), asyncio.Event()

    async def wait() -> None:
        await may_end.wait()

    stand.before("follow", wait)
    stand.failing("cancel", DOWN)
    async with workshop_at(tmp_path, stand) as here:
        job = await here.order("fal")
        await until(lambda: "follow" in stand.asked)
        for times in (1, 2):
            await here.say("cancel", job=job)
            await until(lambda times=times: stand.asked.count("cancel") == times)
        may_end.set()
        assert (await here.reach(job, Status.DONE)).cancel_asked


async def test_a_job_that_lost_its_remote_on_the_way_is_paid_and_told_as_lost(
    tmp_path: Path,
) -> None:
    stand = Stand()
    async with workshop_at(tmp_path, stand, working=False) as here:
        job = await here.job(await here.order("fal"))
        await stepped(here, job, Status.SUBMITTING, Status.SUBMITTED, Status.FETCHING)
    async with workshop_at(tmp_path, stand) as here:
        assert (await here.reach(job.id, Status.FAILED)).error == "error.result_lost"
        assert await here.spent() == job.hold
    assert stand.asked == []


@pytest.mark.parametrize(
    ("thinks_better", "options", "status", "error"),
    [
        ("stop", lambda _: {}, Status.FAILED, "error.stopped"),
        ("cancel", lambda job: {"job": job}, Status.CANCELLED, "error.cancelled"),
    ],
)
async def test_who_thinks_better_of_it_while_a_picture_is_uploaded_pays_nothing(
    tmp_path: Path,
    thinks_better: str,
    options: Callable[[str], dict[str, Any]],
    status: Status,
    error: str,
) -> None:
    stand, sent = Stand(), asyncio.Event()

    async def uploading() -> None:
        await sent.wait()

    stand.before("prepare", uploading)
    async with workshop_at(tmp_path, stand) as here:
        source = (await here.shown((await free(here)).id))["job"]
        reply = await here.say("edit", prompt="at night", job=source, model="flux-dev")
        assert isinstance(reply, Accepted), reply
        await until(lambda: stand.asked == ["prepare"])
        await here.say(thinks_better, **options(reply.jobs[0]))
        sent.set()
        assert (await here.reach(reply.jobs[0], status)).error == error
        assert await here.spent() == 0
    assert stand.asked == ["prepare"]


async def test_a_full_disk_is_noticed_once_more_before_an_order_is_paid(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, Stand(), working=False) as here:
        job = await here.order("fal")
        studio = replace(here.studio, room=DiskRoom(tmp_path, least=2**62))
        async with running(Worker(studio)):
            assert (await here.reach(job, Status.FAILED)).error == "error.disk_low"
        assert await here.spent() == 0


async def test_a_free_order_that_was_being_sent_is_sent_again(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        job = await free(here)
        await stepped(here, job, Status.SUBMITTING)
    async with workshop_at(tmp_path) as here:
        assert (await here.shown(job.id))["shots"]


async def test_a_mistake_of_ours_in_a_search_does_not_end_it(tmp_path: Path) -> None:
    stand = Stand(found=(Remote(id="r1"),))
    stand.failing("order", LOST)
    stand.failing("find", KeyError("ours"))
    with capture_logs() as logs:
        async with workshop_at(tmp_path, stand, pauses=(0.01,)) as here:
            job = await here.order("fal")
            assert (await here.reach(job, Status.DONE)).remote == Remote(id="r1")
    assert [line["job"] for line in logs if line["event"] == "job_broken_off"] == [job]


async def test_a_search_that_failed_goes_on_at_its_next_round(tmp_path: Path) -> None:
    stand = Stand(found=(Remote(id="r1"),))
    stand.failing("order", LOST)
    stand.failing("find", DOWN)
    async with workshop_at(tmp_path, stand) as here:
        job = await here.order("fal")
        assert (await here.reach(job, Status.DONE)).remote == Remote(id="r1")
        assert stand.asked.count("order") == 1


@pytest.mark.parametrize("found", [(Remote(id="r1"),), ()], ids=["found", "not found"])
async def test_who_gives_up_while_it_is_searched_for_is_not_overruled(
    tmp_path: Path, found: Sequence[Remote]
) -> None:
    stand = Stand(found=tuple(found))
    stand.failing("order", LOST)
    async with workshop_at(tmp_path, stand, rounds=(0.01,)) as here:
        jobs: list[str] = []

        async def give_up() -> None:
            await here.say("giveup", job=jobs[0])

        stand.before("find", give_up)
        with capture_logs() as logs:
            jobs.append(await here.order("fal"))
            await here.reach(jobs[0], Status.CANCELLED)
            await until(lambda: any(line["event"] == "search_overtaken" for line in logs))
        assert (await here.job(jobs[0])).error == "error.given_up"
        assert await here.spent() == 0


async def test_what_was_asked_about_already_is_not_asked_about_again(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, Stand(), working=False) as here:
        studio, job = here.studio, await here.job(await here.order("fal"))
        asked = unclear(doubted(job.to(Status.SUBMITTING), studio.now() - timedelta(hours=1)))
        assert await next_look(studio, asked, BRIEF) is None
        async with studio.database.reading() as tx:
            assert await tx.jobs.get(job.id) == job
            assert await tx.outbox.due(studio.now(), ["web"], 9) == ()


async def test_a_job_that_is_not_there_or_has_ended_is_left_alone(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        studio, job = here.studio, await free(here)
        ended = StudioError("cancelled")
        for one in ("nobody", job.id, job.id):
            await end(studio, one, Status.CANCELLED, ended)
        await leave_in_doubt(studio, "nobody", "")
        for one in ("nobody", job.id):
            assert await Drive(studio, BRIEF)(one, asyncio.Event()) is None
        async with studio.database.reading() as tx:
            assert [one.job for one in await tx.outbox.due(studio.now(), ["web"], 9)] == [job.id]


async def test_a_worker_beside_another_drives_what_it_took_itself_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        theirs, cancelled, own = [await free(here) for _ in range(3)]
        async with here.studio.database.transaction() as tx:
            await tx.jobs.ask_to_cancel(cancelled.id)
        worker = Worker(here.studio, alone=False)
        with capture_logs() as logs:
            async with running(worker):
                worker.wake([cancelled.id, own.id])
                await here.shown(own.id)
        assert {(await here.job(one.id)).status for one in (theirs, cancelled)} == {Status.QUEUED}
        assert any(line["event"] == "cancellation_left_to_whoever_drives_it" for line in logs)


@dataclass
class Shaky:
    """A database that cannot be read for a while."""

    whole: Database
    fails: int

    def transaction(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.whole.transaction()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[UnitOfWork]:
        if self.fails:
            self.fails -= 1
            raise StoreFailing("database_busy")
        async with self.whole.reading() as tx:
            yield tx


async def test_jobs_that_cannot_be_read_when_they_are_woken_are_read_later(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        job = await free(here)
        shaky = Shaky(here.studio.database, fails=2)
        worker = Worker(replace(here.studio, database=shaky), alone=False)
        worker.wake([job.id])
        with capture_logs() as logs:
            async with running(worker):
                await here.shown(job.id)
        assert "woken_jobs_not_read" in {line["event"] for line in logs}


async def test_a_job_whose_provider_has_no_key_any_more_waits_for_a_start_with_one(
    tmp_path: Path,
) -> None:
    async with workshop_at(tmp_path, Stand(), working=False) as here:
        job = await here.order("fal")
        unwanted = await here.order("fal")
    async with workshop_at(tmp_path) as here:
        await here.status(unwanted, "takes no orders")
        await here.say("cancel", job=unwanted)
        assert (await here.reach(unwanted, Status.CANCELLED)).cost == 0
        assert (await here.job(job)).status is Status.QUEUED
    async with workshop_at(tmp_path, Stand()) as here:
        await here.shown(job)


class Clumsy(WebMessenger):
    """Stumbles over the first thing of a kind that it shall say."""

    def __init__(self, now: Callable[[], datetime], over: type[Reply]) -> None:
        super().__init__(now)
        self.over = over
        self.stumbled = False

    @override
    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        if isinstance(reply, self.over) and not self.stumbled:
            self.stumbled = True
            raise KeyError("ours")
        return await super().send(address, reply, locale=locale, replaces=replaces, nonce=nonce)


@pytest.mark.parametrize("over", [Pictures, Progress])
async def test_a_mistake_of_ours_in_saying_something_keeps_nobody_from_their_picture(
    tmp_path: Path, over: type[Reply]
) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        clumsy = Clumsy(here.studio.now, over)
        studio = replace(here.studio, messengers={"web": clumsy})
        await free(here)
        with clumsy.feed() as feed:
            async with running(Worker(studio)), asyncio.timeout(30):
                while (event := await feed.get()) is None or event.name != "line":
                    pass
        assert clumsy.stumbled


async def test_a_free_job_in_doubt_can_be_given_up(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        job = await free(here)
        await stepped(here, job, Status.SUBMITTING, Status.IN_DOUBT)
        assert isinstance(await here.say("giveup", job=job.id), Accepted)
        assert (await here.job(job.id)).status is Status.CANCELLED
