"""Whether each surface and provider works, asked at most once a minute."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from core.ports import Health

FRESH = timedelta(minutes=1)

Check = Callable[[], Awaitable[Health]]


class Readiness:
    """Answers `/readyz` without letting strangers make us call others at will."""

    def __init__(
        self,
        surfaces: Mapping[str, Check],
        providers: Mapping[str, Check],
        now: Callable[[], datetime],
    ) -> None:
        self._checks = {"surfaces": surfaces, "providers": providers}
        self._now = now
        self._known: Mapping[str, Any] = {}
        self._until = datetime.min.replace(tzinfo=now().tzinfo)
        self._asking = asyncio.Lock()

    async def __call__(self) -> Mapping[str, Any]:
        """Say how everything is."""
        async with self._asking:
            if self._now() >= self._until:
                self._known = {kind: await _asked(checks) for kind, checks in self._checks.items()}
                self._until = self._now() + FRESH
        return self._known


async def _asked(checks: Mapping[str, Check]) -> dict[str, Any]:
    answers = await asyncio.gather(*(check() for check in checks.values()))
    return {
        name: {"ok": health.ok, "detail": health.detail}
        for name, health in zip(checks, answers, strict=True)
    }
