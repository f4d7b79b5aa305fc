"""What is owed to a chat, and to a platform that gives no answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typing_extensions import override

from bot.web_chat.outbound import WebMessenger
from core.context import Address
from core.errors import DeliveryFailed, StudioError
from core.job import Remote, Status
from core.ports import Delivery
from core.replies import Reply
from core.worker.deliver import deliver
from core.worker.ending import end, leave_in_doubt
from core.worker.reach import Reach
from tests.core.worker.stand import Stand
from tests.core.worker.workshop import Workshop, workshop_at


async def due(here: Workshop) -> tuple[Delivery, ...]:
    async with here.studio.database.reading() as tx:
        return await tx.outbox.due(here.studio.now(), ["web"], 9)


async def test_what_is_no_longer_true_is_not_told(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, Stand(), working=False) as here:
        job = await here.job(await here.order("fal"))
        async with here.studio.database.transaction() as tx:
            sent = job.to(Status.SUBMITTING)
            await tx.jobs.save(sent, job)
        await leave_in_doubt(here.studio, job.id, "a test")
        (doubt,) = await due(here)
        async with here.studio.database.transaction() as tx:
            lost = await tx.jobs.get(job.id)
            assert lost is not None
            await tx.jobs.save(lost.to(Status.SUBMITTED, remote=Remote(id="found")), lost)
        reach, began = Reach(["web"]), here.studio.now()
        await deliver(here.studio, replace(doubt, job="nobody"), began, reach)
        assert await due(here) == (doubt,)
        await deliver(here.studio, doubt, began, reach)
        assert await due(here) == ()
        assert here.feed.empty()


@dataclass
class Watched(WebMessenger):
    """Does something first whenever something is sent."""

    before: Callable[[], Awaitable[None]]

    def __post_init__(self) -> None:
        super().__init__(lambda: datetime.now(UTC))

    @override
    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        await self.before()
        return await super().send(address, reply, locale=locale, replaces=replaces, nonce=nonce)


@asynccontextmanager
async def owing(folder: Path) -> AsyncGenerator[tuple[Workshop, Delivery]]:
    """Open a studio that owes a result from an earlier life."""
    async with workshop_at(folder, Stand(), working=False) as here:
        job = await here.job(await here.order("fal"))
        await end(here.studio, job.id, Status.FAILED, StudioError("unexpected", error_id="1"))
        (promise,) = await due(here)
        yield here, promise


async def test_a_sending_that_may_be_a_repetition_is_counted_before_it_begins(
    tmp_path: Path,
) -> None:
    async with owing(tmp_path) as (here, promise):
        seen: list[object] = []

        async def look() -> None:
            seen.append(await due(here))
            async with here.studio.database.reading() as tx:
                seen.append(await tx.outbox.next_due(here.studio.now(), ["web"]))
            raise KeyError("killed")

        studio = replace(here.studio, messengers={"web": Watched(look)})
        began = here.studio.now()
        with pytest.raises(KeyError):
            await deliver(studio, promise, began, Reach(["web"]))
        nothing, later = seen
        assert nothing == ()
        assert isinstance(later, datetime)
        assert later > began


async def test_a_platform_that_is_away_leaves_a_promise_uncounted(tmp_path: Path) -> None:
    async with owing(tmp_path) as (here, promise):

        async def away() -> None:
            raise DeliveryFailed("telegram.away", unreachable=True)

        studio = replace(here.studio, messengers={"web": Watched(away)})
        await deliver(studio, promise, here.studio.now(), Reach(["web"]))
        assert await due(here) == (promise,)


async def test_those_who_find_a_platform_silent_side_by_side_count_once() -> None:
    reach = Reach(["telegram", "discord"])
    reach.answered("telegram")
    assert (reach.within(), reach.wait()) == (("telegram", "discord"), None)
    reach.lost("telegram")
    reach.lost("telegram")
    assert reach.within() == ("discord",)
    wait = reach.wait()
    assert wait is not None
    assert wait <= 0.5
    reach.answered("telegram")
    assert reach.within() == ("telegram", "discord")
