"""Our own measure of what Telegram bears: messages wait for their turn, progress gives way."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

MOST_LANES = 1000
"""Chats remembered before those that rest are forgotten."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `count` in any `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """What Telegram publishes or people found out, with room for the network's jitter."""

    chat: Allowance = Allowance(4, 5)  # 1 a second, short bursts pass
    group: Allowance = Allowance(18, 60)  # 20 a minute
    everywhere: Allowance = Allowance(25, 1)  # about 30 a second
    edits: Allowance = Allowance(1, 1)
    group_edits: Allowance = Allowance(1, 4)  # 20 a minute, evenly


@dataclass(slots=True)
class _Window:
    allowance: Allowance
    taken: deque[float] = field(default_factory=deque[float])

    def wait(self, now: float, count: int = 1) -> float:
        """Tell in how many seconds there is room for `count`, or for as many as ever fit."""
        while self.taken and self.taken[0] <= now - self.allowance.seconds:
            self.taken.popleft()
        over = len(self.taken) + min(count, self.allowance.count) - self.allowance.count
        return self.taken[over - 1] + self.allowance.seconds - now if over > 0 else 0.0

    def take(self, now: float, count: int = 1) -> None:
        self.taken.extend([now] * count)


@dataclass(slots=True)
class _Lane:
    messages: tuple[_Window, ...]
    edits: _Window
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    held_until: float = 0.0

    def wait(self, now: float, count: int = 1) -> float:
        return max(self.held_until - now, *(one.wait(now, count) for one in self.messages))

    def rests(self, now: float) -> bool:
        busy = self.turn.locked() or self.held_until > now or self.edits.wait(now)
        return not (busy or any(one.wait(now, one.allowance.count) for one in self.messages))


class Limiter:
    """Counts what is sent to each chat and to all; chat actions and answers are not counted."""

    def __init__(
        self,
        allowances: Allowances | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._allowances = allowances or Allowances()
        self._now = now
        self._sleep = sleep
        self._everywhere = _Window(self._allowances.everywhere)
        self._lanes: dict[int, _Lane] = {}

    async def message(self, chat: int, count: int = 1) -> None:
        """Wait, first come first served, until a chat takes `count` more messages."""
        lane = self._lane(chat)
        async with lane.turn:
            while (wait := self._wait(lane, count)) > 0:
                await self._sleep(wait)
            for window in (*lane.messages, self._everywhere):
                window.take(self._now(), count)

    async def calm(self, chat: int) -> None:
        """Wait until Telegram no longer asks for patience with a chat."""
        lane = self._lane(chat)
        while (wait := lane.held_until - self._now()) > 0:
            await self._sleep(wait)

    def room(self, chat: int) -> bool:
        """Whether a message could go out at once."""
        lane = self._lane(chat)
        return not lane.turn.locked() and self._wait(lane, 1) <= 0

    def edit(self, chat: int) -> bool:
        """Take the room for an edit if there is some now; an edit is never worth a wait."""
        lane, now = self._lane(chat), self._now()
        if max(lane.edits.wait(now), lane.held_until - now) > 0:
            return False
        lane.edits.take(now)
        return True

    def hold(self, chat: int, seconds: float) -> None:
        """Send nothing more to a chat for as long as Telegram asks."""
        lane = self._lane(chat)
        lane.held_until = max(lane.held_until, self._now() + seconds)

    def _wait(self, lane: _Lane, count: int) -> float:
        now = self._now()
        return max(lane.wait(now, count), self._everywhere.wait(now))

    def _lane(self, chat: int) -> _Lane:
        if chat not in self._lanes:
            if len(self._lanes) >= MOST_LANES:
                now = self._now()
                kept = {name: lane for name, lane in self._lanes.items() if not lane.rests(now)}
                self._lanes = kept
            self._lanes[chat] = self._new_lane(group=chat < 0)
        return self._lanes[chat]

    def _new_lane(self, *, group: bool) -> _Lane:
        may = self._allowances
        if group:
            return _Lane((_Window(may.chat), _Window(may.group)), _Window(may.group_edits))
        return _Lane((_Window(may.chat),), _Window(may.edits))
