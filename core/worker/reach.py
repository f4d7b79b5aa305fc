"""Which platforms answer: one that does not is left alone, and what is owed to it stays due."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from core.worker.again import away

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Silence:
    tries: int
    until: float


class Reach:
    """Leaves a silent platform alone for a few seconds at a time, until it answers again."""

    def __init__(self, platforms: Iterable[str]) -> None:
        self._platforms = tuple(platforms)
        self._silent: dict[str, _Silence] = {}

    def lost(self, platform: str) -> None:
        """Note that a platform gave no answer; those who tried side by side count once."""
        now = asyncio.get_running_loop().time()
        silence = self._silent.get(platform)
        if silence is None:
            log.warning("platform_unreachable", platform=platform)
            silence = _Silence(0, now)
        if silence.until <= now:
            self._silent[platform] = _Silence(silence.tries + 1, now + away(silence.tries))

    def answered(self, platform: str) -> None:
        """Note that a platform answered, be it with a no."""
        if self._silent.pop(platform, None):
            log.info("platform_answers_again", platform=platform)

    def within(self) -> tuple[str, ...]:
        """List the platforms that may be tried now."""
        now = asyncio.get_running_loop().time()
        silent = {name for name, one in self._silent.items() if one.until > now}
        return tuple(name for name in self._platforms if name not in silent)

    def wait(self) -> float | None:
        """Tell in how many seconds one more may be tried; None when none is left alone."""
        now = asyncio.get_running_loop().time()
        ends = [one.until - now for one in self._silent.values() if one.until > now]
        return min(ends, default=None)
