"""What a provider has taken is seen to its end, whatever is lost, deleted or slow meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from typing_extensions import override

from bot.web_chat.outbound import WebMessenger
from core.budget import Price
from core.context import Address
from core.errors import InDoubt, StoreFailing
from core.job import Remote, Status
from core.ports import Database, Made, Order, Pace, UnitOfWork
from core.replies import Accepted, Reply, Text
from core.worker.loop import Worker
from storage.prices import SqlPrices
from storage.unit_of_work import SqlUnitOfWork
from tests.bot.test_failing_disk import until as in_time
from tests.core.money.desk import until
from tests.core.worker.stand import Act, Stand
from tests.core.worker.workshop import Workshop, running, workshop_at


def waiting(event: asyncio.Event) -> Act:
    async def wait() -> None:
        await event.wait()

    return wait


async def paid_for(here: Workshop, job: str) -> None:
    """Wait until a job is done, and see that its hold was settled."""
    assert await here.spent() == (await here.reach(job, Status.DONE)).hold


async def test_an_edit_under_way_at_a_restart_needs_its_source_no_more(tmp_path: Path) -> None:
    stand = Stand()
    stand.before("follow", waiting(asyncio.Event()))
    async with workshop_at(tmp_path, stand) as here:
        drawn = await here.say("imagine", prompt="a fox", model="sketch")
        assert isinstance(drawn, Accepted)
        (source,) = drawn.jobs
        await here.shown(source)
        reply = await here.say("edit", prompt="at night", job=source, model="flux-dev")
        assert isinstance(reply, Accepted)
        await until(lambda: "follow" in stand.asked)
        await here.say("delete", job=source)
    async with workshop_at(tmp_path, stand) as here:
        await paid_for(here, reply.jobs[0])


@dataclass(frozen=True, slots=True)
class BusyOnce(SqlPrices):
    """Prices that cannot be read at first."""

    failed: list[str] = field(default_factory=list[str])

    @override
    async def get(self, endpoint: str) -> Price | None:
        if not self.failed:
            self.failed.append(endpoint)
            raise StoreFailing("database_busy")
        return await SqlPrices(self.connection).get(endpoint)


@dataclass
class Flawed:
    """A database whose prices cannot be read once, or that is lost right after a commit."""

    whole: Database
    lost_at: Status | None = None
    failed: list[str] = field(default_factory=list[str])

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[UnitOfWork]:
        async with self.whole.transaction() as tx:
            yield tx
        async with self.whole.reading() as tx:
            now = {job.status for job in await tx.jobs.open(("web",))}
        if self.lost_at in now and not self.failed:
            self.failed.append(str(self.lost_at))
            raise StoreFailing("database_unreachable")

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._reading() if self.lost_at is None else self.whole.reading()

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[UnitOfWork]:
        async with self.whole.reading() as tx:
            assert isinstance(tx, SqlUnitOfWork)
            yield replace(tx, prices=BusyOnce(tx.prices.connection, self.failed))


@pytest.mark.parametrize("lost_at", [None, Status.SUBMITTED, Status.FETCHING])
async def test_a_read_that_fails_or_a_commit_nobody_heard_of_ends_no_paid_job(
    tmp_path: Path, lost_at: Status | None
) -> None:
    stand = Stand()
    if lost_at is None:
        stand.before("follow", waiting(asyncio.Event()))
    async with workshop_at(tmp_path, stand, working=lost_at is None) as here:
        job = await here.order("fal")
        if lost_at is None:
            await until(lambda: "follow" in stand.asked)
    async with workshop_at(tmp_path, stand, working=False) as here:
        flawed = Flawed(here.studio.database, lost_at)
        async with running(Worker(replace(here.studio, database=flawed))):
            await paid_for(here, job)
    assert len(flawed.failed) == 1


class Slow(WebMessenger):
    """Takes its time to say that an answer was lost, and notes what each ending replaces."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.may = asyncio.Event()
        self.replaced: list[str] = []

    @property
    @override
    def pace(self) -> Pace:
        return Pace(first_after=0.1, every=0.05)

    @override
    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        if nonce:
            self.replaced.append(replaces)
        if isinstance(reply, Text) and reply.key == "error.in_doubt":
            await self.may.wait()
        return await super().send(address, reply, locale=locale, replaces=replaces, nonce=nonce)


async def test_a_status_line_sent_while_words_travel_is_replaced_by_the_result(
    tmp_path: Path,
) -> None:
    stand, may_end = Stand(found=(Remote(id="r1"),)), asyncio.Event()
    stand.failing("order", InDoubt("in_doubt"))
    stand.before("follow", waiting(may_end))
    async with workshop_at(tmp_path, stand, working=False) as here:
        slow = Slow(here.studio.now)
        studio = replace(here.studio, messengers={"web": slow})
        job = await here.order("fal")

        async def status_line() -> str:
            return (await here.job(job)).status_message

        async def nothing_is_owed() -> bool:
            async with studio.database.reading() as tx:
                return await tx.outbox.due(studio.now(), ["web"], 1) == ()

        async with running(Worker(studio, rounds=(0.05, 0.5))):
            await in_time(status_line)
            slow.may.set()
            await in_time(nothing_is_owed)
            may_end.set()
            await until(lambda: len(slow.replaced) == 2)
    assert slow.replaced == ["", job]


class Blank(Stand):
    """Blanks what it drew, and says what that did cost."""

    @override
    async def result(self, remote: Remote, order: Order) -> Made:
        return Made(images=(), seeds=(), cost=1000, withheld=1)


@pytest.mark.parametrize(
    ("cancelled", "status"), [(False, Status.FAILED), (True, Status.CANCELLED)]
)
async def test_who_pays_for_what_was_blanked_reads_what_it_cost_cancelled_or_not(
    tmp_path: Path, status: Status, *, cancelled: bool
) -> None:
    stand, may_end = Blank(), asyncio.Event()
    stand.before("follow", waiting(may_end))
    async with workshop_at(tmp_path, stand) as here:
        job = await here.order("fal")
        await until(lambda: "follow" in stand.asked)
        if cancelled:
            await here.say("cancel", job=job)
            await until(lambda: "cancel" in stand.asked)
        may_end.set()
        assert "bills them: $0.001" in (await here.told(job, "blanked"))["text"]
        assert (await here.job(job)).status is status
        assert await here.spent() == 1000
