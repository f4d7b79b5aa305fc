"""What holds at the end of every cell, whatever went wrong in it."""

import asyncio
from datetime import timedelta
from typing import Any

from core.budget import Period, of_user
from core.context import User
from core.studio import Studio
from tests.faults.table import Cell


async def check_money(cell: Cell, studio: Studio, owner: User, billed: int) -> None:
    """The ledger says what the provider bills, and whether that is anything was promised."""
    async with studio.database.reading() as tx:
        (total,) = await tx.ledger.sums([(of_user(owner), Period.TOTAL)], studio.now())
    assert total == billed
    assert (total > 0) == (cell.promise.ledger == "billed")


async def check_nothing_is_owed(studio: Studio, platform: str) -> None:
    """No promise to deliver is open."""
    async with studio.database.reading() as tx:
        assert await tx.outbox.due(studio.now() + timedelta(days=1), (platform,), 1) == ()


async def check_nothing_runs(at_rest: set[asyncio.Task[Any]]) -> None:
    """Every task that was begun ends by itself."""
    begun = {task for task in asyncio.all_tasks() - at_rest if not _is_emulators(task)}
    if begun:
        _, running = await asyncio.wait(begun, timeout=10)
        assert running == set(), running


def _is_emulators(task: asyncio.Task[Any]) -> bool:
    return "RequestHandler" in str(task.get_coro())
