"""Storing what must not be lost: tried again until the disk or the database takes it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog

from core.errors import StoreFailing

log = structlog.get_logger(__name__)

Given = ParamSpec("Given")
Result = TypeVar("Result")

FIRST, LONGEST = 0.1, 15.0
"""Seconds between two tries."""


def insisting(act: Callable[Given, Awaitable[Result]]) -> Callable[Given, Awaitable[Result]]:
    """Make an act that is done again while the store fails; what it stores stays in memory."""

    @wraps(act)
    async def insist(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        tries = 0
        while True:
            try:
                return await act(*args, **kwargs)
            except StoreFailing as error:
                tries += 1
                log.warning("not_stored_yet", error=error.key, tries=tries)
                await asyncio.sleep(min(LONGEST, FIRST * 2**tries))

    return insist
