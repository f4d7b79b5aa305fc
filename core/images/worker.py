"""A worker for image work, so that the event loop never waits for pixels."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from core.errors import ImageWorkTooSlow

P = ParamSpec("P")
R = TypeVar("R")


class ImageWorker:
    """Runs functions in a few threads; whoever finds all of them busy waits in turn."""

    def __init__(self, threads: int = 1, deadline: float = 20.0) -> None:
        self._threads = threads
        self._deadline = deadline
        self._free = asyncio.Semaphore(threads)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="image")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Wait for the work under way; threads cannot be stopped from outside."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def run(self, function: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
        """Call a function in a thread; the deadline (seconds) counts from when it starts.

        Raises:
            ImageWorkTooSlow: the thread goes on, and stays busy, until the function is done.
        """
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, partial(function, *args, **options))
        work.add_done_callback(self._release)
        done, _ = await asyncio.wait({work}, timeout=self._deadline)
        if not done:
            raise ImageWorkTooSlow(self._deadline)
        return work.result()

    def _release(self, work: asyncio.Future[R]) -> None:
        self._free.release()
        if not work.cancelled():
            work.exception()  # nobody else may be left to look at it
