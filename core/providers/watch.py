"""The patience of following a job: pauses that grow, hiccups that pass, and an end."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from core.errors import ProviderRejected, ProviderUnavailable, RateLimited, ResultLost, Stuck
from core.providers.patience import Patience
from core.providers.refusals import Answer

MISSES = 5
"""A job just made may be unknown for a moment; so often in a row, it is gone."""


class Watch:
    """One following of one job."""

    def __init__(self, provider: str, patience: Patience, look: asyncio.Event) -> None:
        self._provider = provider
        self._patience = patience
        self._look = look
        self._until = asyncio.get_running_loop().time() + patience.stuck
        self._pause = patience.first_pause
        self._asked = 0.0
        self._misses = 0

    def at_most(self, seconds: float) -> float:
        """Shorten a wait to what is left; raise Stuck when nothing is."""
        left = self._until - asyncio.get_running_loop().time()
        if left <= 0:
            raise Stuck("stuck", provider=self._provider, seconds=round(self._patience.stuck))
        return min(seconds, left)

    async def poll(self, asking: Awaitable[Answer]) -> Answer | None:
        """Wait for an answer; None when the provider cannot say just now."""
        try:
            answer = await asking
        except RateLimited as error:
            self._asked = error.retry_after
        except (ProviderUnavailable, ProviderRejected):
            pass  # neither says anything about the job
        except ResultLost:
            self._misses += 1
            if self._misses >= MISSES:
                raise
        else:
            self._misses = 0
            return answer
        return None

    async def rest(self) -> None:
        """Pause before the next look, longer each time, or until told to look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.at_most(max(self._pause, self._asked))):
                await self._look.wait()
        self._look.clear()
        self._pause = min(self._pause * 2, self._patience.longest_pause)
        self._asked = 0.0
