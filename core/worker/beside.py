"""Running something beside something else, and finishing what must not be cut in half."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from core.errors import StudioError

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

LAST_WAIT = 8.0
"""Seconds that something begun may still take when everything else is being stopped."""


@asynccontextmanager
async def beside(*coroutines: Coroutine[object, object, None]) -> AsyncGenerator[None]:
    """Run coroutines while the body runs; a mistake of ours in one is logged and ends that one.

    The body must not raise: an error inside a task group would lose its type.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_apart(coroutine)) for coroutine in coroutines]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _apart(coroutine: Coroutine[object, object, None]) -> None:
    try:
        await coroutine
    except Exception:
        log.exception("broken_beside_a_job")


async def to_the_end(coroutine: Coroutine[object, object, Result]) -> Result:
    """Await something that a cancellation may not cut in half: it gets LAST_WAIT to end first.

    How it ends then, in time or later, when all that it needs is closed, has nobody to be told
    but the log.
    """
    task = asyncio.create_task(coroutine)  # noqa: TID251  its end is seen on every way out
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_seen)
        await asyncio.wait({task}, timeout=LAST_WAIT)
        raise


def _seen(task: asyncio.Task[object]) -> None:
    error = None if task.cancelled() else task.exception()
    if isinstance(error, StudioError):
        log.info("failed_while_stopping", error=error.key)
    elif error is not None:
        log.error("broken_while_stopping", exc_info=error)
