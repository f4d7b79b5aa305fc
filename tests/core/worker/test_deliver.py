"""What is owed to a chat, and to a platform that gives no answer."""

from dataclasses import replace
from pathlib import Path

from core.job import Remote, Status
from core.ports import Delivery
from core.worker.deliver import deliver
from core.worker.ending import leave_in_doubt
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
