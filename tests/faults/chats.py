"""A chat platform behind a proxy, and a studio that listens there for one cell."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.discord_chat.platform import Discord
from bot.intake import Intake
from bot.telegram_chat.limiter import Limiter
from bot.telegram_chat.platform import Telegram
from core.catalogue import Catalogue
from core.context import User
from core.job import Job
from core.ports import Pace, Provider
from core.providers.breaker import Breaker, Limits
from core.studio import Studio
from core.worker.loop import Worker
from tests.bot.discord_chat.scene import TEMPO
from tests.bot.telegram_chat.desk import Clock as Unhurried
from tests.bot.telegram_chat.home import FREE, QUICKLY
from tests.dialogs.dialog import Dialog
from tests.dialogs.discord import DiscordDialog, discord_moved
from tests.dialogs.telegram import TelegramDialog
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN
from tests.emulators.telegram import TelegramEmulator
from tests.faults.damage import Damage
from tests.faults.proxy import Proxy
from tests.faults.spots import SPOTS
from tests.faults.table import Cell
from tests.studio import Clock

PEOPLE = count(1001)
AT_ONCE = Pace(first_after=0.0, every=0.01, typing_every=0.05)
SILENT = Pace(first_after=60.0, every=60.0, typing_every=60.0)
LOUD = frozenset({"status", "edit", "typing"})
"""Phases that a silent job would not reach."""
HASTY = replace(TEMPO, acknowledge_within=0.8, answer_within=0.8)
STEP = timedelta(seconds=1)


@dataclass(frozen=True)
class Side:
    """One person on a platform, and the studio that hears them."""

    user: User
    dialog: Dialog
    studio: Studio
    worker: Worker
    clock: Clock

    async def job(self) -> Job | None:
        """Read the one job of this person."""
        async with self.studio.database.reading() as tx:
            found = await tx.jobs.recent(self.user, 1)
        return found[0] if found else None

    async def settled(self) -> None:
        """Wait until the job has ended and nobody is owed a word, through however many tries."""
        while not await self._over():
            self.clock.ahead += STEP
            await asyncio.sleep(0.05)  # nobody announces it

    async def _over(self) -> bool:
        job = await self.job()
        if job is None:
            return False
        self.worker.wake([job.id])
        async with self.studio.database.reading() as tx:
            owed = await tx.outbox.due(
                self.studio.now() + timedelta(days=1), (self.user.platform,), 1
            )
        return job.finished and owed == ()


@dataclass(frozen=True)
class Platform:
    """An emulated platform that the cells use one after the other."""

    name: str
    emulator: TelegramEmulator | DiscordEmulator
    door: Proxy
    open: Callable[[Cell, Studio, Provider, Path], AbstractAsyncContextManager[Side]]

    def spoil(self, cell: Cell) -> None:
        """Let the fault of a cell happen where its phase is."""
        spot, fault = SPOTS[self.name, cell.phase], cell.fault
        if fault.script:
            values = _as_discord(fault.values) if self.name == "discord" else fault.values
            self.emulator.fault(spot.place, fault.script, cell.times, **values)
        else:
            self.door.damage(spot.wanted, Damage(fault.wire, fault.at), cell.times)

    def mend(self) -> int:
        """Make everything good again; tell how much of what was to go wrong did not."""
        return self.emulator.mend() + self.door.mend()


def _as_discord(values: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(values)
    if "code" in told:
        told["status"] = told.pop("code")
    return told | ({"code": told.pop("reason_code")} if "reason_code" in told else {})


@asynccontextmanager
async def telegram_chat() -> AsyncGenerator[Platform]:
    """Open the emulated Telegram."""
    async with TelegramEmulator() as service, Proxy(service) as door:

        def platform(cell: Cell) -> Telegram:
            still = Unhurried()
            return Telegram(
                service.token,
                door.url,
                limiter=Limiter(FREE, now=still, sleep=still.sleep),
                pace=AT_ONCE if cell.phase in LOUD else SILENT,
                persistence=QUICKLY,
                patience=1.5 if cell.fault.slow else 30.0,
            )

        @asynccontextmanager
        async def side(
            cell: Cell, studio: Studio, provider: Provider, _: Path
        ) -> AsyncGenerator[Side]:
            person = next(PEOPLE)
            service.user(person, "Anna")
            dialog = TelegramDialog(service, service.dm(person))
            user = User("telegram", str(person))
            async with _at_work(platform(cell), dialog, user, studio, provider) as opened:
                yield opened

        yield Platform("telegram", service, door, side)
        assert service.broken_rules == []


@asynccontextmanager
async def discord_chat() -> AsyncGenerator[Platform]:
    """Open the emulated Discord; its gateway is reached without the proxy."""
    async with DiscordEmulator() as service, Proxy(service) as door:

        @asynccontextmanager
        async def side(
            cell: Cell, studio: Studio, provider: Provider, folder: Path
        ) -> AsyncGenerator[Side]:
            person = next(PEOPLE)
            service.user(person, f"ann{person}")
            dialog = DiscordDialog(service, person, service.dm(person))
            clock = Clock()
            pace = AT_ONCE if cell.phase in LOUD else SILENT
            tempo = HASTY if cell.fault.slow else TEMPO
            platform = Discord(TOKEN, folder, pace=pace, tempo=tempo, now=clock.now)
            user = User("discord", str(person))
            async with _at_work(platform, dialog, user, studio, provider) as opened:
                await platform.connected.wait()
                yield opened

        with discord_moved(service):
            yield Platform("discord", service, door, side)
        assert service.broken_rules == []


@asynccontextmanager
async def _at_work(
    platform: Telegram | Discord, dialog: Dialog, user: User, bare: Studio, provider: Provider
) -> AsyncGenerator[Side]:
    clock = Clock()
    providers = {one.name: one for one in (provider, bare.providers["sketch"])}
    studio = replace(
        bare,
        messengers={platform.name: platform.messenger(bare.images, bare.finishing)},
        providers=providers,
        breakers={name: Breaker(one, Limits()) for name, one in providers.items()},
        catalogue=Catalogue.load(list(providers)),
        now=clock.now,
    )
    async with asyncio.TaskGroup() as group:
        worker = Worker(studio)
        working = group.create_task(worker.run())
        running = group.create_task(platform.run(studio, Intake(studio, worker, group)))
        yield Side(user, dialog, studio, worker, clock)
        working.cancel()
        await asyncio.wait({working})
        running.cancel()
