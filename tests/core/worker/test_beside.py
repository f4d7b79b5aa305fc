"""What may not be cut in half, and who hears how it ended."""

import asyncio
import gc
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.errors import InDoubt
from core.worker.beside import to_the_end

BUG = ValueError("a mistake of ours")


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (None, []),
        (asyncio.CancelledError(), []),
        (
            InDoubt("in_doubt"),
            [{"event": "failed_while_stopping", "log_level": "info", "error": "error.in_doubt"}],
        ),
        (BUG, [{"event": "broken_while_stopping", "log_level": "error", "exc_info": BUG}]),
    ],
)
async def test_a_cancelled_act_ends_first_and_its_failure_is_told_once(
    ending: BaseException | None, told: list[dict[str, Any]]
) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def act() -> None:
        begun.set()
        await go_on.wait()
        ended.set()
        if ending is not None:
            raise ending

    unheard: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unheard.append(context))
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(to_the_end(act()))
            await begun.wait()
            task.cancel()
            loop.call_later(0, go_on.set)
    assert (task.cancelled(), ended.is_set()) == (True, True)
    del task
    gc.collect()  # an error that nobody has looked at is told to the loop now
    assert unheard == []
    assert logs == told
