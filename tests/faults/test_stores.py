"""What goes wrong where things are kept: a bucket, the database and the disk."""

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.wiring import open_studio
from core.context import User
from core.errors import StorageError
from core.job import Status
from core.replies import Accepted, Text
from core.studio import Studio
from storage.images import Images
from storage.room import DiskRoom
from tests.bot.test_failing_disk import until
from tests.core.worker.workshop import Workshop, at_work
from tests.dialogs.dialog import come_true
from tests.faults.bucket import Bucket
from tests.faults.damage import Damage
from tests.faults.invariants import check_money, check_nothing_is_owed, check_nothing_runs
from tests.faults.lines import check_line
from tests.faults.proxy import Proxy
from tests.faults.shops import Shop, fal_shop
from tests.faults.sick_database import SickDatabase
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.spots import SPOTS
from tests.faults.table import FOR_EVER, Cell, cells
from tests.studio import settings_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEADLINE = 30.0
"""Seconds that a cell may take on a busy machine."""
Logs = Sequence[Mapping[str, Any]]
LATER = frozenset({"submitted", "commit", "note"})
"""Phases that a job comes to after its order was taken."""
PAUSES = (0.01, 0.02, 0.05)


@dataclass(frozen=True)
class Stores:
    """Where a studio keeps its things, and a provider to order from."""

    studio: Studio
    bucket: Bucket
    door: Proxy
    shop: Shop
    sketched: str
    """A job whose picture lies in the bucket."""
    database: SickDatabase
    disk: SmallDisk | None = None
    """Where pictures are kept in place of the bucket."""

    def equipped(self) -> Studio:
        """Take the studio that keeps its pictures where this cell wants them."""
        if self.disk is None:
            return self.studio
        return replace(self.studio, images=Images.open(self.disk.images.as_uri()))

    async def spoil(self, cell: Cell) -> None:
        """Let the fault of a cell happen."""
        if cell.dependency == "database":
            await self.database.spoil(cell.fault.script)
        elif self.disk is not None:
            self.disk.spoil(cell.fault.script)
        elif cell.dependency == "bucket":
            self._spoil_bucket(cell)

    def _spoil_bucket(self, cell: Cell) -> None:
        fault = cell.fault
        match fault.script, fault.wire:
            case "", "shut":
                self.door.shut()
            case "", way:
                wanted = SPOTS[cell.dependency, cell.phase].wanted
                self.door.damage(wanted, Damage(way, fault.at), cell.times)
            case name, _:
                self.bucket.fault(cell.phase, name, cell.times, **fault.values)

    async def mend(self) -> int:
        """Make everything good again; tell how much of what was to go wrong did not."""
        if self.disk is not None:
            self.disk.mend()
        await self.database.mend()
        self.door.shut()
        await self.door.listen()
        return self.bucket.mend() + self.door.mend()


def images_at(url: str) -> Images:
    options = {
        "endpoint": url,
        "region": "us-east-1",
        "access_key_id": "test",
        "secret_access_key": "test",
    }
    hurry = {"allow_http": True, "timeout": "1s"}
    config = {"config": options, "client_options": hurry, "retry_config": {"max_retries": 0}}
    return Images.open("s3://pictures", config)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stores(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stores]:
    folder = tmp_path_factory.mktemp("stores")
    settings = settings_at(folder, NANO_BANANA_BUDGET_PER_DAY="1000")
    async with (
        open_studio(settings, lambda *_: {}) as opened,
        Bucket() as bucket,
        Proxy(bucket) as door,
        fal_shop() as shop,
    ):
        studio = replace(opened, images=images_at(door.url))
        async with at_work(studio) as here:
            reply = await here.say("imagine", prompt="a fox", model="sketch")
            assert isinstance(reply, Accepted)
            await here.shown(reply.jobs[0])
        database = SickDatabase(studio.database, folder / "studio.db")
        yield Stores(studio, bucket, door, shop, reply.jobs[0], database)


@pytest.mark.parametrize("cell", cells("bucket", "database", "disk"), ids=lambda cell: cell.id)
async def test_a_store_that_fails_loses_nothing_that_was_paid(
    cell: Cell, stores: Stores, tmp_path: Path
) -> None:
    with equipment(cell, stores, tmp_path) as equipped:
        await check(cell, equipped)


@contextmanager
def equipment(cell: Cell, stores: Stores, folder: Path) -> Generator[Stores]:
    """Add what only some cells need."""
    if cell.fault.script == "no_room":
        full = DiskRoom(Path("/"), least=1 << 62)
        yield replace(stores, studio=replace(stores.studio, room=full))
    elif (cell.dependency, cell.phase) == ("disk", "keep"):
        with small_disk(folder, cell.fault.script) as disk:
            yield replace(stores, disk=disk)
    else:
        yield stores


async def check(cell: Cell, stores: Stores) -> None:
    """Live through a cell and see what it leaves."""
    shop, owner, at_rest = stores.shop, User("web", cell.id), asyncio.all_tasks()
    begun = len(shop.door.requests)
    async with asyncio.timeout(DEADLINE):
        shop.emulator.manual = cell.phase in {"submitted", "commit"}
        studio = stores.equipped()
        async with at_work(studio, shop.adapters["call"], owner=owner, pauses=PAUSES) as here:
            with capture_logs() as logs:
                status = await live_through(cell, stores, here, logs)
        left = await stores.mend()
        await shop.mend()
    assert left == 0 or cell.times == FOR_EVER > left
    sent = [line for line in shop.door.requests[begun:] if SPOTS["fal", "order"].fits(line)]
    assert len(sent) == cell.posts
    assert status == cell.promise.ends
    await check_money(cell, studio, owner, shop.billed(cell.id))
    await check_nothing_is_owed(studio, "web")
    await check_nothing_runs(at_rest)


async def live_through(cell: Cell, stores: Stores, here: Workshop, logs: Logs) -> str:
    """Order, and hear what comes of it; return the job's last state, empty for none."""
    wish: dict[str, Any] = {"prompt": cell.id, "model": "flux-schnell"}
    if cell.phase == "load":
        wish = {"prompt": cell.id, "model": "flux-dev", "job": stores.sketched}
    if cell.phase == "receive":
        await stores.spoil(cell)
        with pytest.raises(StorageError) as told:
            await here.ask("imagine", **wish)
        assert (told.value.key,) == cell.hears
        return ""
    asked = await here.ask("edit" if cell.phase == "load" else "imagine", **wish)
    if cell.phase not in LATER:
        await stores.spoil(cell)
    reply = await here.intake.answer(asked)
    if isinstance(reply, Text):
        assert (reply.key,) == cell.hears
        return ""
    assert isinstance(reply, Accepted)
    (job,) = reply.jobs
    heard = await spoil_later(cell, stores, here, job) if cell.phase in LATER else []
    if stays_wrong(cell):
        await come_true(lambda: any(line["event"] == "not_stored_yet" for line in logs))
        await stores.mend()
    if cell.phase == "submitted":
        stores.shop.act(cell)
    heard += [await here.hears(job) for _ in cell.hears[len(heard) :]]
    for expected, line in zip(cell.hears, heard, strict=True):
        check_line(expected, line)
    await until(partial(nothing_is_owed, here.studio))
    return (await here.job(job)).status


def stays_wrong(cell: Cell) -> bool:
    """Whether what is paid has to wait until somebody mends it."""
    if cell.phase == "keep":
        return cell.dependency == "disk" or cell.fault.wire == "shut"
    return cell.phase in LATER


async def spoil_later(
    cell: Cell, stores: Stores, here: Workshop, job: str
) -> list[Mapping[str, Any]]:
    """Let a fault happen once the job has come so far; return what was heard until then."""
    if cell.phase == "submitted":
        while not stores.shop.jobs(cell.id):  # noqa: ASYNC110  nobody announces it
            await asyncio.sleep(0)  # no longer, or its answer would be written down
        await stores.spoil(cell)
    elif cell.phase == "commit":
        await here.reach(job, Status.SUBMITTED)
        await stores.spoil(cell)
        stores.shop.act(cell)
    else:
        shown = await here.hears(job)
        await stores.spoil(cell)
        return [shown]
    return []


async def nothing_is_owed(studio: Studio) -> bool:
    async with studio.database.reading() as tx:
        return await tx.outbox.due(studio.now(), ("web",), 1) == ()
