"""What goes wrong where things are kept: a bucket, the database and the disk."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.wiring import open_studio
from core.context import User
from core.job import Status
from core.replies import Accepted, Text
from core.studio import Studio
from storage.database import SqlDatabase
from storage.images import Images
from storage.room import DiskRoom
from tests.core.worker.workshop import Workshop, at_work
from tests.dialogs.dialog import come_true
from tests.faults.bucket import Bucket
from tests.faults.damage import Damage
from tests.faults.invariants import check_money, check_nothing_is_owed, check_nothing_runs
from tests.faults.lines import check_line
from tests.faults.proxy import Proxy
from tests.faults.shops import Shop, fal_shop
from tests.faults.spots import SPOTS
from tests.faults.table import FOR_EVER, Cell, cells
from tests.studio import settings_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEADLINE = 15.0
"""Seconds that a cell may take on a busy machine."""
Logs = Sequence[Mapping[str, Any]]
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

    def roomy(self, cell: Cell) -> Studio:
        """Take the studio with as much room on its disk as the cell says."""
        if cell.fault.script == "no_room":
            return replace(self.studio, room=DiskRoom(Path("/"), least=1 << 62))
        return self.studio

    async def spoil(self, cell: Cell) -> None:
        """Let the fault of a cell happen."""
        fault = cell.fault
        match fault.script, fault.wire:
            case "read_only", _:
                await self.write_only_if(allowed=False)
            case "no_room", _:
                pass
            case "", "shut":
                self.door.shut()
            case "", way:
                wanted = SPOTS[cell.dependency, cell.phase].wanted
                self.door.damage(wanted, Damage(way, fault.at), cell.times)
            case name, _:
                self.bucket.fault(cell.phase, name, cell.times, **fault.values)

    async def mend(self) -> int:
        """Make everything good again; tell how much of what was to go wrong did not."""
        await self.write_only_if(allowed=True)
        self.door.shut()
        await self.door.listen()
        return self.bucket.mend() + self.door.mend()

    async def write_only_if(self, *, allowed: bool) -> None:
        """Let the database's own connection write, or not."""
        database = self.studio.database
        assert isinstance(database, SqlDatabase)
        async with database.writer.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert isinstance(raw, aiosqlite.Connection)
            await raw.execute(f"PRAGMA query_only={'OFF' if allowed else 'ON'}")


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
    settings = settings_at(tmp_path_factory.mktemp("stores"), NANO_BANANA_BUDGET_PER_DAY="1000")
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
        yield Stores(studio, bucket, door, shop, reply.jobs[0])


@pytest.mark.parametrize("cell", cells("bucket", "database", "disk"), ids=lambda cell: cell.id)
async def test_a_store_that_fails_loses_nothing_that_was_paid(cell: Cell, stores: Stores) -> None:
    shop, owner, at_rest = stores.shop, User("web", cell.id), asyncio.all_tasks()
    begun = len(shop.door.requests)
    async with asyncio.timeout(DEADLINE):
        shop.emulator.manual = cell.phase == "commit"
        studio = stores.roomy(cell)
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
    asked = await here.ask("edit" if cell.phase == "load" else "imagine", **wish)
    if cell.phase != "commit":
        await stores.spoil(cell)
    reply = await here.intake.answer(asked)
    if isinstance(reply, Text):
        assert (reply.key,) == cell.hears
        return ""
    assert isinstance(reply, Accepted)
    (job,) = reply.jobs
    if cell.phase == "commit":
        await here.reach(job, Status.SUBMITTED)
        await stores.spoil(cell)
        stores.shop.act(cell)
        await come_true(lambda: any(line["event"] == "not_stored_yet" for line in logs))
        await stores.mend()
    if cell.fault.wire == "shut" and cell.phase == "keep":
        await come_true(lambda: any(line["event"] == "not_stored_yet" for line in logs))
        await stores.mend()
    for expected in cell.hears:
        check_line(expected, await here.hears(job))
    return (await here.job(job)).status
