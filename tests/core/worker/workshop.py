"""A real studio whose providers are emulated, and a chat to order from and to listen to."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.intake import Intake
from bot.web_chat.outbound import Feed, WebMessenger
from bot.wiring import open_studio
from core.budget import EVERYONE, Period
from core.catalogue import Catalogue
from core.context import Address, Ask, Chat, Context, User
from core.job import Job, Status
from core.ports import Provider
from core.providers.breaker import Breaker, Limits
from core.providers.fal import Fal
from core.providers.replicate import Replicate
from core.replies import Accepted, Reply
from core.studio import Studio
from core.worker.loop import Worker
from core.worker.pauses import PAUSES
from tests.core.providers.adapters import fal_at, replicate_at
from tests.emulators.fal import FalEmulator
from tests.emulators.jobs import JobEmulator
from tests.emulators.replicate import ReplicateEmulator
from tests.studio import settings_at

HOME = Chat("web", "home")
OWNER = User("web", "owner")
SOON = (0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Rounds of a search that finds."""
BRIEF = (0.01, 0.05, 0.1)
"""Rounds of a search that does not."""
LIMITS = Limits(first_pause=0.2, longest_pause=0.4)
PLACES = {"fal": "submit", "replicate": "create"}
ASKED = count()


@dataclass(frozen=True)
class Workshop:
    """A studio at work for one person."""

    studio: Studio
    worker: Worker
    intake: Intake
    messenger: WebMessenger
    feed: Feed
    owner: User = OWNER

    async def say(self, command: str, /, by: User | None = None, **options: Any) -> Reply:
        """Give a command; its answer is shown in the chat, too."""
        return await self.intake.answer(await self.ask(command, by, **options))

    async def ask(self, command: str, /, by: User | None = None, **options: Any) -> Ask:
        """Put a command into the inbox, where it waits for its answer."""
        request, user = f"web:{next(ASKED)}", by or self.owner
        context = Context(request=request, address=Address(HOME), user=user)
        ask = Ask(context=context, command={"command": command, **options})
        await self.intake.put([ask])
        return ask

    async def order(self, provider: str, prompt: str = "a red fox", **options: Any) -> str:
        """Order one picture; return the job's id."""
        named = {"prompt": prompt, "model": "flux-schnell", "provider": provider}
        reply = await self.say("imagine", **named, **options)
        assert isinstance(reply, Accepted)
        return reply.jobs[0]

    async def told(self, job: str, words: str = "") -> dict[str, Any]:
        """Wait for the next line about a job that holds these words."""
        return await self._event(
            "line", lambda line: line["key"].startswith(f"{job}-") and words in line["text"]
        )

    async def hears(self, job: str) -> dict[str, Any]:
        """Wait for the next line about a job, whatever it says."""
        return await self._event(
            "line", lambda line: line["job"] == job or line["key"].startswith(f"{job}-")
        )

    async def shown(self, job: str) -> dict[str, Any]:
        """Wait for the pictures of a job."""
        return await self._event("line", lambda line: line["job"] == job)

    async def status(self, job: str, words: str) -> dict[str, Any]:
        """Wait until a job's status line says so."""
        return await self._event(
            "status", lambda line: line["job"] == job and words in line["text"]
        )

    async def _event(self, name: str, fits: Any) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                event = await self.feed.get()
                if event is not None and event.name == name and fits(event.data):
                    return event.data

    async def job(self, job: str) -> Job:
        """Read a job as it stands."""
        async with self.studio.database.reading() as tx:
            found = await tx.jobs.get(job)
        assert found is not None
        return found

    async def reach(self, job: str, status: Status) -> Job:
        """Wait until a job is in a state."""
        async with asyncio.timeout(30):
            while (found := await self.job(job)).status is not status:
                pass
        return found

    async def spent(self) -> int:
        """Read what today's ledger says was spent or is held, in micro-dollars."""
        async with self.studio.database.reading() as tx:
            (spent,) = await tx.ledger.sums([(EVERYONE, Period.DAY)], self.studio.now())
            return spent


@asynccontextmanager
async def workshop_at(
    folder: Path,
    *providers: Provider,
    rounds: Sequence[float] = SOON,
    pauses: Sequence[float] = PAUSES,
    working: bool = True,
) -> AsyncGenerator[Workshop]:
    """Open a studio with these providers; the same folder again is a restart."""
    async with (
        open_studio(settings_at(folder), lambda *_: {}) as bare,
        at_work(bare, *providers, rounds=rounds, pauses=pauses, working=working) as workshop,
    ):
        yield workshop


@asynccontextmanager
async def at_work(
    bare: Studio,
    *providers: Provider,
    owner: User = OWNER,
    rounds: Sequence[float] = SOON,
    pauses: Sequence[float] = PAUSES,
    limits: Limits = LIMITS,
    working: bool = True,
) -> AsyncGenerator[Workshop]:
    """Let an open studio work with these providers for one person."""
    messenger = WebMessenger(lambda: datetime.now(UTC))
    everyone = (*providers, bare.providers["sketch"])
    studio = replace(
        bare,
        messengers={"web": messenger},
        providers={one.name: one for one in everyone},
        breakers={one.name: Breaker(one, limits) for one in everyone},
        catalogue=Catalogue.load([one.name for one in everyone]),
    )
    with messenger.feed() as feed:
        async with asyncio.TaskGroup() as group:
            worker = Worker(studio, rounds=rounds, pauses=pauses)
            tasks = [group.create_task(worker.run())] if working else []
            intake = Intake(studio, worker, group)
            yield Workshop(studio, worker, intake, messenger, feed, owner)
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def running(worker: Worker) -> AsyncGenerator[None]:
    """Let one worker run, and stop it."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(worker.run())
        yield
        task.cancel()


@dataclass(frozen=True)
class Market:
    """An emulated provider and our adapter to it."""

    name: str
    emulator: JobEmulator
    adapter: Fal | Replicate

    def lose(self, flaw: str, times: int = 1, **values: Any) -> None:
        """Make the next paid orders go wrong."""
        self.emulator.fault(PLACES[self.name], flaw, times, **values)

    def hide(self, looks: int) -> None:
        """Show no orders in the list for so many looks."""
        if isinstance(self.emulator, FalEmulator):
            self.emulator.platform.visible_after = looks
        elif isinstance(self.emulator, ReplicateEmulator):
            self.emulator.hidden_lists = looks

    def searches(self) -> int:
        """Count how often the list was looked at."""
        listing = "by-endpoint" if self.name == "fal" else "/v1/predictions"
        return len([one for one in self.emulator.called("GET") if one.path.endswith(listing)])

    def paid_posts(self) -> int:
        """Count the orders that were sent, taken or not."""
        paths = [call.path for call in self.emulator.called("POST")]
        ending = "/flux/schnell" if self.name == "fal" else "/predictions"
        return len([path for path in paths if path.endswith(ending)])


@asynccontextmanager
async def market(name: str, callbacks_url: str = "") -> AsyncGenerator[Market]:
    """Open an emulated provider with an adapter in a hurry."""
    async with AsyncExitStack() as stack:
        emulator = FalEmulator() if name == "fal" else ReplicateEmulator()
        await stack.enter_async_context(emulator)
        if isinstance(emulator, FalEmulator):
            adapter = fal_at(emulator.url, callbacks_url=callbacks_url)
        else:
            adapter = replicate_at(emulator, callbacks_url=callbacks_url)
        yield Market(name, emulator, await stack.enter_async_context(adapter))
        assert emulator.broken_rules == []
