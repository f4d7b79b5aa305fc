"""The way out: what is said reaches every open page at once, and the history keeps it."""

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from typing_extensions import override

from bot.web_chat.inbound import HOME
from bot.web_chat.lines import Line, answer_key, status, told
from core.context import Address, Attachment, User
from core.errors import DeliveryFailed
from core.ports import Messenger, Pace
from core.replies import Progress, Reply

ROOM = 256
"""Events that wait for one reader; a slower one is cut off and reads the history instead."""

LATEST = 12
"""Lines kept in mind: the outbox records a result only after it was sent, and a page that opens
between the two would find it nowhere. Fewer than a page of history holds, so that none of them
can come back out of its order."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something an open page is told."""

    name: str
    data: Any


Feed = asyncio.Queue[Event | None]


class WebMessenger(Messenger):
    """Speaks to open pages.

    A page that is not open misses nothing: it reads the history when it comes back. So sending
    never fails. Only the status lines and the very latest lines are kept here, for pages that open
    at that moment; a page knows a line by its key and shows it once.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._feeds: set[Feed] = set()
        self._moving: dict[str, Event] = {}
        self._latest: deque[Line] = deque(maxlen=LATEST)
        self._closed = False

    @property
    @override
    def pace(self) -> Pace:
        """A status line may move at once, and as fast as an eye follows."""
        return Pace(first_after=0, every=0.05)

    @override
    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        """Show a reply on every open page; its key is the message's id."""
        if isinstance(reply, Progress):
            return (self._move(reply, locale),)
        # The outbox's nonce begins with the job's id: a line whose id was not yet written down
        # when the job ended goes all the same.
        for job in filter(None, (replaces, nonce.partition("-")[0])):
            self._end(job)
        key = nonce or (answer_key(address.reply_to) if address.reply_to else uuid4().hex)
        line = told(key, reply, self._now(), locale)
        if line is not None:
            self.show(line)
        return (key,)

    @override
    async def edit(
        self, address: Address, message: str, progress: Progress, *, locale: str
    ) -> None:
        """Move a status line on."""
        self._move(progress, locale)

    @override
    async def delete(self, address: Address, messages: Sequence[str]) -> None:
        """Take messages off every open page."""
        kept = [line for line in self._latest if line.key not in messages]
        self._latest = deque(kept, LATEST)
        self._publish(Event("gone", list(messages)))

    @override
    async def typing(self, address: Address) -> None:
        """Nothing to show: the status line moves from the start."""

    @override
    def private(self, user: User, request: str) -> Address:
        """There is one chat."""
        return Address(HOME, reply_to=request)

    @override
    async def moderates(self, address: Address, user: User) -> bool:
        """Nobody else is here."""
        return False

    @override
    async def fetch(self, attachment: Attachment) -> bytes:
        """Refuse: the page sends no files."""
        raise DeliveryFailed("no_files", lasting=True)

    def show(self, line: Line) -> None:
        """Show a finished line on every open page."""
        self._latest.append(line)
        self._publish(_shown(line))

    @contextmanager
    def feed(self) -> Generator[Feed]:
        """Listen: first how things stand, then everything as it happens."""
        now = [*map(_shown, self._latest), *self._moving.values()]
        feed = Feed(ROOM + len(now))
        for event in now:
            feed.put_nowait(event)
        self._feeds.add(feed)
        if self._closed:
            self._cut(feed)
        try:
            yield feed
        finally:
            self._feeds.discard(feed)

    def close(self) -> None:
        """End every stream, so that the server can stop; pages come back by themselves."""
        self._closed = True
        for feed in tuple(self._feeds):
            self._cut(feed)

    def _move(self, progress: Progress, locale: str) -> str:
        event = Event("status", asdict(status(progress, locale)))
        self._moving[progress.job] = event
        self._publish(event)
        return progress.job

    def _end(self, job: str) -> None:
        if self._moving.pop(job, None):
            self._publish(Event("ended", job))

    def _publish(self, event: Event) -> None:
        for feed in tuple(self._feeds):
            try:
                feed.put_nowait(event)
            except asyncio.QueueFull:
                self._cut(feed)

    def _cut(self, feed: Feed) -> None:
        self._feeds.discard(feed)
        while not feed.empty():
            feed.get_nowait()
        feed.put_nowait(None)


def _shown(line: Line) -> Event:
    return Event("line", asdict(line))
