"""Who signed a message, and when: keys that a provider publishes, kept for a day."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from core.errors import ProviderError

KEPT = timedelta(hours=24)
ASKED_AGAIN = timedelta(minutes=1)
"""A message that fits no key may be signed with a new one; no forger makes us ask more often."""
TOLERANCE = 300
"""Seconds that a message may be old, or ahead of our clock."""


class Keys:
    """A provider's keys, asked for when they are needed."""

    def __init__(self, ask: Callable[[], Awaitable[Sequence[bytes]]]) -> None:
        self._ask = ask
        self._keys: Sequence[bytes] = ()
        self._asked_at: datetime | None = None
        self._asking = asyncio.Lock()
        self._failure: ProviderError | None = None
        """Why the keys could not be asked for, the last time that they were."""

    async def fit(self, fits: Callable[[bytes], bool], now: datetime) -> bool:
        """Try every key; once more with fresh ones where that may help.

        Raises:
            ProviderError: none fits, and the newest are not known.
        """
        for age in (KEPT, ASKED_AGAIN):
            await self._older_than(age, now)
            if any(map(fits, self._keys)):
                return True
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        return False

    async def _older_than(self, age: timedelta, now: datetime) -> None:
        async with self._asking:
            if self._asked_at is None or now - self._asked_at > age:
                self._asked_at = now
                try:
                    self._keys = await self._ask()
                    self._failure = None
                except ProviderError as failure:
                    self._failure = failure


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Tell whether a moment in Unix seconds is about now."""
    if not timestamp.isdecimal() or len(timestamp) > len("10000000000"):
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE
