"""A studio whose orders go to the emulated fal, and the people who come to it."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.web_chat.outbound import WebMessenger
from core.budget import EVERYONE, Period
from core.context import Address, Ask, Chat, Context, User
from core.job import Job, Status
from core.ports import Messenger
from core.replies import Accepted, Menu, Reply, Text
from core.studio import Studio
from tests.emulators.fal import FalEmulator
from tests.studio import Home, studio_at

BOSS, ANNA, BORIS = (User("telegram", str(number)) for number in (1, 501, 502))
GROUP = Chat("telegram", "-700")
LONG = 30.0
"""Seconds after which what is waited for will not come."""


@dataclass(frozen=True)
class Desk:
    """The counter: somebody says something, the studio answers."""

    home: Home
    messenger: WebMessenger
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def studio(self) -> Studio:
        return self.home.studio

    async def say(
        self,
        user: User,
        words: str,
        *,
        chat: Chat = GROUP,
        server: str = "",
        replied_to: str = "",
        overheard: bool = False,
    ) -> Reply:
        """Ask as this person and wait for the answer."""
        address = Address(chat, server=server)
        request = f"test:{next(self.numbers)}"
        context = Context(
            request=request,
            address=address,
            user=user,
            replied_to=replied_to,
            overheard=overheard,
        )
        ask = Ask(context=context, words=words)
        await self.home.intake.put([ask])
        return await self.home.intake.answer(ask)

    async def key(self, user: User, words: str, **where: Any) -> str:
        """Ask, and name the words that were answered."""
        reply = await self.say(user, words, **where)
        if isinstance(reply, Menu):
            return reply.text.key
        return reply.key if isinstance(reply, Text) else reply.kind

    async def order(self, user: User, words: str, **where: Any) -> tuple[str, ...]:
        """Ask for pictures, agree to the price, and name the jobs."""
        reply = await self.say(user, words, **where)
        if isinstance(reply, Menu):
            yes = reply.buttons[0].token.replace(":", " ", 1)
            reply = await self.say(user, f"/{yes}", **where)
        assert isinstance(reply, Accepted), reply
        return reply.jobs

    async def job(self, job_id: str) -> Job:
        """Read a job."""
        async with self.studio.database.reading() as tx:
            job = await tx.jobs.get(job_id)
        assert job is not None
        return job

    async def ended(self, *jobs: str) -> list[Job]:
        """Wait until jobs have ended."""
        return [await self._seen(job, lambda one: one.finished) for job in jobs]

    async def reached(self, job: str, status: Status) -> Job:
        """Wait until a job is in a state."""
        return await self._seen(job, lambda one: one.status is status)

    async def left(self, job: str, status: Status) -> Job:
        """Wait until a job has left a state."""
        return await self._seen(job, lambda one: one.status is not status)

    async def _seen(self, job: str, wanted: Callable[[Job], bool]) -> Job:
        async with asyncio.timeout(LONG):
            while True:
                found = await self.job(job)
                if wanted(found):
                    return found
                await asyncio.sleep(0.01)

    async def spent(self) -> int:
        """Sum the whole ledger."""
        async with self.studio.database.reading() as tx:
            (spent,) = await tx.ledger.sums([(EVERYONE, Period.TOTAL)], self.studio.now())
            return spent


@asynccontextmanager
async def desk_at(folder: Path, falai: FalEmulator, **changes: Any) -> AsyncGenerator[Desk]:
    """Open the counter with a messenger that always gets through."""
    async with desk_with(
        WebMessenger(lambda: datetime.now(UTC)), folder, falai, **changes
    ) as opened:
        yield opened


@asynccontextmanager
async def desk_with(
    messenger: WebMessenger, folder: Path, falai: FalEmulator, **changes: Any
) -> AsyncGenerator[Desk]:
    """Open the counter; BOSS is the operator, and budgets are wide unless told."""
    hosts = ("FAL_QUEUE_URL", "FAL_REST_URL", "FAL_CDN_URL", "FAL_API_URL")
    settings: dict[str, Any] = {
        "FAL_KEY": falai.key,
        "NANO_BANANA_OPERATORS": "telegram:1",
        "NANO_BANANA_BUDGET_PER_DAY": "100",
        "NANO_BANANA_BUDGET_PER_USER_PER_DAY": "100",
        **dict.fromkeys(hosts, falai.url),
        **changes,
    }
    here: dict[str, Messenger] = dict.fromkeys(("telegram", "discord", "web"), messenger)
    async with studio_at(folder, lambda _, __: here, **settings) as home:
        yield Desk(home, messenger)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(LONG):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)
