"""Trying again what is free and may happen twice."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from core.errors import ProviderUnavailable, RateLimited

TRIES = 3
SHORT_WAIT = 5.0
"""Seconds that are waited here when a provider asks to; for longer waits its error goes on."""
JITTER = wait_random_exponential(multiplier=0.1, max=2)

Some = TypeVar("Some")


async def patiently(call: Callable[[], Awaitable[Some]]) -> Some:
    """Call until it works, a few times, when it may work soon. Never for a paid order."""
    retrying = AsyncRetrying(
        stop=stop_after_attempt(TRIES),
        retry=retry_if_exception(_may_work_soon),
        wait=_pause,
        reraise=True,
    )

    async def once() -> Some:
        # tenacity awaits only what is written as a coroutine function.
        return await call()

    return await retrying(once)


def _may_work_soon(error: BaseException) -> bool:
    if isinstance(error, RateLimited):
        return error.retry_after <= SHORT_WAIT
    return isinstance(error, ProviderUnavailable)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, RateLimited) else 0.0
    return max(asked, JITTER(state))
