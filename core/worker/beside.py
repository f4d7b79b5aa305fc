"""Running something beside something else, and stopping it when that ends."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def beside(*coroutines: Coroutine[object, object, None]) -> AsyncGenerator[None]:
    """Run coroutines while the body runs.

    The body must not raise: an error inside a task group would lose its type.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
