import asyncio
import threading

import pytest

from core.errors import ImageWorkTooSlow
from core.images.worker import ImageWorker


async def test_work_runs_beside_the_event_loop() -> None:
    async with ImageWorker() as worker:
        assert await worker.run(threading.current_thread) is not threading.current_thread()
        assert await worker.run(divmod, 7, 3) == (2, 1)


async def test_errors_come_back_as_they_are() -> None:
    async with ImageWorker() as worker:
        with pytest.raises(ZeroDivisionError):
            await worker.run(divmod, 1, 0)


@pytest.mark.parametrize(("threads", "met"), [(1, False), (2, True)])
async def test_no_more_is_done_at_once_than_there_are_threads(threads: int, met: bool) -> None:  # noqa: FBT001 - what pytest passes
    meeting = threading.Barrier(2)

    def meet() -> bool:
        try:
            meeting.wait(0.2)
        except threading.BrokenBarrierError:
            return False
        return True

    async with ImageWorker(threads) as worker:
        assert await asyncio.gather(worker.run(meet), worker.run(meet)) == [met, met]


async def test_work_past_its_deadline_is_given_up_and_the_next_waits_for_the_thread() -> None:
    stuck = threading.Event()
    async with ImageWorker(deadline=0.05) as worker:
        with pytest.raises(ImageWorkTooSlow):
            await worker.run(stuck.wait, 30)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(worker.run(lambda: "done"))
            await asyncio.wait({following}, timeout=0.1)
            assert not following.done(), "its deadline does not run while it waits"
            stuck.set()
        assert following.result() == "done"


async def test_a_caller_who_leaves_does_not_block_the_others() -> None:
    go = threading.Event()
    async with ImageWorker() as worker:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await worker.run(go.wait, 30)
        go.set()
        assert await worker.run(lambda: "next") == "next"
