"""Emulated providers behind proxies, with adapters of ours in more or less of a hurry."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.providers.fal import Fal, FalHosts
from core.providers.patience import Patience
from core.providers.replicate import Replicate
from tests.emulators.fal import FalEmulator
from tests.emulators.jobs import Job
from tests.emulators.replicate import ReplicateEmulator
from tests.faults.damage import Damage
from tests.faults.proxy import Proxy
from tests.faults.spots import SPOTS
from tests.faults.table import Cell

PATIENT = Patience(
    order=10.0,
    call=10.0,
    upload=10.0,
    download=10.0,
    silence=10.0,
    stuck=30.0,
    first_pause=0.01,
    longest_pause=0.05,
)
"""Longer than anything takes on a busy machine: only a fault is ever too slow."""
HURRIES: Mapping[str, Patience] = {
    "": PATIENT,
    "order": replace(PATIENT, order=0.3),
    "call": replace(PATIENT, call=0.2, upload=0.2, download=0.3, silence=0.2),
    "stuck": replace(PATIENT, stuck=0.3),
}


RUNNING = frozenset({"cancel", "run", "address"})
"""Phases of a job that takes its time."""
ACTED = frozenset({"backwards", "stuck", "address"})
"""What is no fault of an emulator, but something that its job does."""


@dataclass(frozen=True)
class Shop:
    """One provider as the cells use it, one after the other."""

    name: str
    emulator: FalEmulator | ReplicateEmulator
    door: Proxy
    files: Proxy
    """The door of the host of its files, which may be the same."""
    adapters: Mapping[str, Fal | Replicate]
    """By which of their times are short."""

    def adapter(self, cell: Cell) -> Fal | Replicate:
        """Pick the adapter whose times are short only where the cell's fault is slow."""
        if cell.fault.script == "stuck":
            return self.adapters["stuck"]
        if cell.phase in RUNNING:  # the order must be answered while its job runs
            return self.adapters["call"]
        if not cell.fault.slow:
            return self.adapters[""]
        return self.adapters["order" if cell.phase == "order" else "call"]

    def spoil(self, cell: Cell) -> None:
        """Let the fault of a cell happen where its phase is."""
        if cell.fault.script in ACTED:
            return
        spot, fault = SPOTS[self.name, cell.phase], cell.fault
        door = self.files if spot.files else self.door
        if fault.script:
            self.emulator.fault(spot.place, fault.script, cell.times, **fault.values)
        elif fault.wire == "shut":
            door.shut()
        else:
            door.damage(spot.wanted, Damage(fault.wire, fault.at), cell.times, spot.skip)

    async def quiet(self) -> None:
        """Wait until our side has left every connection."""
        await self.door.quiet()
        await self.files.quiet()

    async def mend(self) -> int:
        """Make everything good again; tell how much of what was to go wrong did not."""
        for door in {self.door, self.files}:
            door.shut()
            await door.listen()
        self.emulator.manual = False
        self.hide(looks=0)
        return self.emulator.mend() + sum(door.mend() for door in {self.door, self.files})

    def act(self, cell: Cell) -> None:
        """Let the one job of a cell do what the cell says."""
        (job,) = self.jobs(cell.id)
        if cell.fault.script == "backwards":
            for state in ("running", "queued", "running", "queued"):
                self.emulator.advance(job.id, state, "a line")
        if cell.fault.script != "stuck":
            self.emulator.finish(job.id)
        if cell.fault.script == "address":
            job.urls[:] = [str(cell.fault.values["url"])]

    def hide(self, looks: int) -> None:
        """Show no orders in the list for so many looks."""
        if isinstance(self.emulator, FalEmulator):
            self.emulator.platform.visible_after = looks
        else:
            self.emulator.hidden_lists = looks

    def jobs(self, prompt: str) -> list[Job]:
        """List the orders that were taken for these words."""
        return [job for job in self.emulator.jobs if job.input.get("prompt") == prompt]

    def billed(self, prompt: str) -> int:
        """Sum the bills for these words, in micro-dollars."""
        return sum(self.emulator.bills.get(job.id, 0) for job in self.jobs(prompt))


@asynccontextmanager
async def fal_shop() -> AsyncGenerator[Shop]:
    """Open the emulated fal.ai."""
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(FalEmulator())
        door = await stack.enter_async_context(Proxy(emulator))
        hosts = FalHosts(queue=door.url, rest=door.url, cdn=door.url, api=door.url)
        adapters = {
            hurry: await stack.enter_async_context(
                Fal(SecretStr(emulator.key), hosts, frozenset(), patience)
            )
            for hurry, patience in HURRIES.items()
        }
        yield Shop("fal", emulator, door, door, adapters)


@asynccontextmanager
async def replicate_shop() -> AsyncGenerator[Shop]:
    """Open the emulated Replicate, whose files lie on a host of their own."""
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(ReplicateEmulator())
        door = await stack.enter_async_context(Proxy(emulator))
        files = await stack.enter_async_context(Proxy(emulator.delivery))
        trusted = frozenset({urlsplit(files.url).netloc})
        adapters = {
            hurry: await stack.enter_async_context(
                Replicate(
                    SecretStr(emulator.key),
                    door.url,
                    trusted,
                    patience,
                    wait_seconds=0 if hurry else 1,
                )
            )
            for hurry, patience in HURRIES.items()
        }
        yield Shop("replicate", emulator, door, files, adapters)
