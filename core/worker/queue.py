"""The line in front of the worker: whose job is next, and where everybody stands in it."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from heapq import heapify, heappop, heapreplace

from core.job import Job, Status

REMEMBERED = 10_000
"""People whose last turn is remembered."""
PATTERN = 20
"""Turns that tell how fast the line moves, and the fewest of them that tell anything."""
FEWEST = 3
PASSED_OVER = 3
"""Turns that may pass a waiting batch over before one is its own: a fourth of them all."""


class Lane(IntEnum):
    """What goes first."""

    BEGUN = 0
    """It is ordered already or about to be cancelled: no share holds it back."""
    KEPT = 1
    """It was not taken when it was ordered, and keeps its place until it is ordered again."""
    ASKED = 2
    """Somebody sits and waits for it."""
    BATCH = 3
    """One of many that were asked for at once; the first of them is ASKED."""


LANES = tuple(Lane)
BATCH_FIRST = (Lane.BEGUN, Lane.KEPT, Lane.BATCH, Lane.ASKED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One job in the line."""

    job: str
    user: str
    provider: str
    platform: str
    lane: Lane
    number: int
    """Counts up with every arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How many jobs may run side by side."""

    per_user: int = 8
    per_provider: int = 24


def lane_of(job: Job) -> Lane:
    """Decide which lane a job waits in."""
    if job.cancel_asked or not job.unordered:
        return Lane.BEGUN
    if job.status is not Status.QUEUED:
        return Lane.KEPT
    return Lane.BATCH if job.number else Lane.ASKED


def choose(
    waiting: Iterable[Waiting],
    running: Iterable[Waiting],
    turns: Mapping[str, int],
    shares: Shares,
    passed_over: int = 0,
) -> Waiting | None:
    """Choose the next job: the best lane, in it who had no turn for longest, of theirs the oldest.

    `turns` counts up with every job that was chosen; who is not in it had none. ASKED is better
    than BATCH until that was `passed_over` too often.
    """
    started = [*running]
    users = Counter(one.user for one in started)
    providers = Counter(one.provider for one in started)
    lanes = _lanes(passed_over)
    free = (
        one
        for one in waiting
        if one.lane is Lane.BEGUN
        or (users[one.user] < shares.per_user and providers[one.provider] < shares.per_provider)
    )
    return min(free, key=lambda one: (lanes.index(one.lane), *_before(one, turns)), default=None)


def _lanes(passed_over: int) -> tuple[Lane, ...]:
    return LANES if passed_over < PASSED_OVER else BATCH_FIRST


def _before(one: Waiting, turns: Mapping[str, int]) -> tuple[int, int]:
    return turns.get(one.user, -1), one.number


def _passed_over(before: int, called: Lane, *, batch_waits: bool) -> int:
    """Count the turns that a waiting batch sees go to others; its own ends the count."""
    if called is Lane.BATCH:
        return 0
    return before + (batch_waits and called is Lane.ASKED)


def in_order(
    waiting: Iterable[Waiting], turns: Mapping[str, int], passed_over: int = 0
) -> list[Waiting]:
    """Put the whole line in the order in which `choose` would call it, were no share used up."""
    last = dict(turns)
    first = max(last.values(), default=-1) + 1
    oldest_first = sorted(waiting, key=lambda one: one.number)
    lanes = [_Foretold(lane, oldest_first, last) for lane in LANES]
    order: list[Waiting] = []
    for turn in range(first, first + len(oldest_first)):
        lane = next(lane for lane in _lanes(passed_over) if lanes[lane])
        one = lanes[lane].pop()
        passed_over = _passed_over(passed_over, lane, batch_waits=bool(lanes[Lane.BATCH]))
        last[one.user] = turn
        order.append(one)
    return order


class _Foretold:
    """The people of one lane, while its order is foretold; `turns` changes meanwhile."""

    def __init__(
        self, lane: Lane, oldest_first: Iterable[Waiting], turns: Mapping[str, int]
    ) -> None:
        self._turns = turns
        self._jobs: dict[str, deque[Waiting]] = {}
        for one in oldest_first:
            if one.lane is lane:
                self._jobs.setdefault(one.user, deque()).append(one)
        self._people = [self._key(user) for user in self._jobs]
        heapify(self._people)

    def __len__(self) -> int:
        return len(self._people)

    def pop(self) -> Waiting:
        """Take out who is next; keys only ever grow, so a key that is old shows up early."""
        while self._people[0] != (key := self._key(self._people[0][-1])):
            heapreplace(self._people, key)
        user = key[-1]
        one = self._jobs[user].popleft()
        if self._jobs[user]:
            heapreplace(self._people, self._key(user))
        else:
            heappop(self._people)
        return one

    def _key(self, user: str) -> tuple[int, int, str]:
        return *_before(self._jobs[user][0], self._turns), user


class Line:
    """The jobs that wait, and who had turns; it decides nothing that `choose` does not."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._waiting: dict[str, Waiting] = {}
        self._groups: dict[tuple[str, str, Lane], dict[str, Waiting]] = {}
        self._running: dict[str, Waiting] = {}
        self._turns: dict[str, int] = {}
        self._arrived = 0
        self._turn = 0
        self._passed_over = 0
        self._called: deque[float] = deque(maxlen=PATTERN)
        self._somebody = asyncio.Event()

    def put(self, job: Job) -> None:
        """Let a job wait; one that waits already may change its lane."""
        old = self._drop(job.id)
        self._arrived += 1
        one = Waiting(
            job=job.id,
            user=job.user.key,
            provider=job.provider,
            platform=job.address.chat.platform,
            lane=lane_of(job),
            number=old.number if old else self._arrived,
        )
        self._waiting[one.job] = one
        self._groups.setdefault(_group(one), {})[one.job] = one
        self._somebody.set()

    def call(self, now: float) -> Waiting | None:
        """Take the next job out of the line, if one may run; `now` is a monotonic time."""
        # The oldest of each person, provider and lane: no other of theirs could be before it.
        heads = (next(iter(group.values())) for group in self._groups.values())
        running = self._running.values()
        one = choose(heads, running, self._turns, self._shares, self._passed_over)
        if one is None:
            return None
        self._drop(one.job)
        batch_waits = any(lane is Lane.BATCH for *_, lane in self._groups)
        self._passed_over = _passed_over(self._passed_over, one.lane, batch_waits=batch_waits)
        self._running[one.job] = one
        self._turn += 1
        self._turns.pop(one.user, None)
        self._turns[one.user] = self._turn
        if len(self._turns) > REMEMBERED:
            del self._turns[next(iter(self._turns))]
        self._called.append(now)
        return one

    def done(self, job: str) -> None:
        """Free the place of a job that ran."""
        del self._running[job]

    @property
    def running(self) -> int:
        """How many jobs run."""
        return len(self._running)

    def __len__(self) -> int:
        """Count who waits."""
        return len(self._waiting)

    def order(self) -> list[Waiting]:
        """List who waits, in the order of their turns."""
        return in_order(self._waiting.values(), self._turns, self._passed_over)

    def seconds(self, place: int, now: float) -> float | None:
        """Estimate when a place will be called from how the line moved lately; None at first."""
        if len(self._called) < FEWEST:
            return None
        return place * (now - self._called[0]) / len(self._called)

    async def somebody(self) -> None:
        """Wait until there is somebody in the line."""
        await self._somebody.wait()

    def _drop(self, job: str) -> Waiting | None:
        one = self._waiting.pop(job, None)
        if one is None:
            return None
        group = self._groups[_group(one)]
        del group[job]
        if not group:
            del self._groups[_group(one)]
        if not self._waiting:
            self._somebody.clear()
            # What an empty line was called at says nothing about a full one.
            self._called.clear()
        return one


def _group(one: Waiting) -> tuple[str, str, Lane]:
    return one.user, one.provider, one.lane
