"""The flood meter: so many messages in so many seconds, then 429."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.emulators.telegram_rules import flooded


@dataclass(frozen=True)
class Allowance:
    """At most `count` in any `seconds`."""

    count: int
    seconds: float


CHAT = Allowance(5, 5)  # one a second, and short bursts pass
GROUP = Allowance(20, 60)
GROUP_EDITS = Allowance(20, 60)
EVERYWHERE = Allowance(30, 1)


@dataclass
class FloodMeter:
    """Counts what the bot sends and refuses what is too much."""

    now: Callable[[], float]
    _sent: dict[tuple[str, int], deque[float]] = field(
        default_factory=lambda: defaultdict[tuple[str, int], deque[float]](deque)
    )

    def message(self, chat: int, *, group: bool) -> None:
        """Admit a message or refuse it."""
        allowances = {("chat", chat): CHAT, ("all", 0): EVERYWHERE}
        self._admit(allowances | ({("group", chat): GROUP} if group else {}))

    def edit(self, chat: int, *, group: bool) -> None:
        """Admit an edit or refuse it; only groups count them."""
        self._admit({("edits", chat): GROUP_EDITS} if group else {})

    def _admit(self, allowances: dict[tuple[str, int], Allowance]) -> None:
        now = self.now()
        wait = max((self._wait(key, limit, now) for key, limit in allowances.items()), default=0)
        if wait > 0:
            raise flooded(max(1, math.ceil(wait)))
        for key in allowances:
            self._sent[key].append(now)

    def _wait(self, key: tuple[str, int], limit: Allowance, now: float) -> float:
        sent = self._sent[key]
        while sent and sent[0] <= now - limit.seconds:
            sent.popleft()
        return sent[0] + limit.seconds - now if len(sent) >= limit.count else 0
