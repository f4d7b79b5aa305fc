"""A provider of one's own that does at once what is asked, unless a test stands in its way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.job import Remote
from core.ports import Callback, Health, Made, Order, Step
from tests.emulators.pictures import plain_picture

Act = Callable[[], Awaitable[None]]


@dataclass
class Stand:
    """Sells pictures under fal's name, and remembers what it was asked."""

    name: str = "fal"
    asked: list[str] = field(default_factory=list[str])
    found: tuple[Remote, ...] = ()
    completed: bool = False
    """Whether there is nothing left to cancel."""
    _ways: dict[str, list[Act]] = field(default_factory=dict[str, list[Act]])

    def before(self, what: str, *acts: Act) -> None:
        """Do something first when it is asked for this, once each, in this order."""
        self._ways.setdefault(what, []).extend(acts)

    def failing(self, what: str, *errors: Exception) -> None:
        """Raise something when it is asked for this, once each, in this order."""
        self.before(what, *map(raising, errors))

    async def _do(self, what: str) -> None:
        self.asked.append(what)
        if self._ways.get(what):
            await self._ways[what].pop(0)()

    async def prepare(self, order: Order) -> Order:
        if order.inputs:
            await self._do("prepare")
        return order

    async def order(self, order: Order) -> Remote:
        await self._do("order")
        return Remote(id=order.job)

    async def find(self, order: Order, since: datetime) -> tuple[Remote, ...]:
        await self._do("find")
        return self.found

    async def recognise(self, order: Order, remote_id: str) -> Remote | None:
        await self._do("recognise")
        return None

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        return None

    async def follow(self, remote: Remote, look: asyncio.Event) -> AsyncIterator[Step]:
        await self._do("follow")
        yield Step(running=True)

    async def result(self, remote: Remote, order: Order) -> Made:
        await self._do("result")
        return Made(images=(plain_picture(),), seeds=(7,))

    async def cancel(self, remote: Remote) -> bool:
        await self._do("cancel")
        return not self.completed

    async def check(self) -> Health:
        return Health(ok=True, detail="")


def raising(error: Exception) -> Act:
    """Make an act that fails."""

    async def fail() -> None:
        raise error

    return fail
