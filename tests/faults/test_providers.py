"""What goes wrong at a provider: each cell of the table by a real order, worker and adapter."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from bot.wiring import open_studio
from core.context import User
from core.errors import ProviderDenied
from core.job import Status
from core.providers.breaker import Circuit, Limits
from core.providers.download import MOST_BYTES
from core.providers.http import MOST_JSON
from core.replies import Accepted
from core.studio import Studio
from tests.bot.test_failing_disk import until
from tests.core.worker.workshop import BRIEF, Workshop, at_work
from tests.dialogs.dialog import come_true
from tests.faults.invariants import check_money, check_nothing_is_owed, check_nothing_runs
from tests.faults.lines import check_line
from tests.faults.shops import RUNNING, Shop, fal_shop, replicate_shop
from tests.faults.spots import SPOTS
from tests.faults.table import FOR_EVER, Cell, cells
from tests.studio import settings_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = (0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
PAUSES = (0.01, 0.02, 0.05)
LIMITS = Limits(first_pause=0.05, longest_pause=0.1)
DEADLINE = 30.0
"""Seconds that a cell may take on a busy machine."""
BUFFERS = 16 * 1024 * 1024
"""Bytes that lie on the way between two programs."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    settings = settings_at(tmp_path_factory.mktemp("faults"), NANO_BANANA_BUDGET_PER_DAY="1000")
    async with open_studio(settings, lambda *_: {}) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shops() -> AsyncIterator[Mapping[str, Shop]]:
    async with fal_shop() as fal, replicate_shop() as replicate:
        yield {shop.name: shop for shop in (fal, replicate)}
        assert fal.emulator.broken_rules == replicate.emulator.broken_rules == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sketched(studio: Studio) -> str:
    """Make the picture that edits start from."""
    async with at_work(studio) as here:
        job = await ordered(here, "imagine", prompt="a fox", model="sketch")
        await here.shown(job)
    return job


@pytest.mark.parametrize("cell", cells("fal", "replicate"), ids=lambda cell: cell.id)
async def test_a_provider_that_fails_costs_nobody_a_picture_or_a_cent(
    cell: Cell, studio: Studio, shops: Mapping[str, Shop], sketched: str
) -> None:
    shop, owner = shops[cell.dependency], User("web", cell.id)
    rounds = BRIEF if "error.unclear" in cell.hears else LONG
    begun, at_rest = len(shop.door.requests), asyncio.all_tasks()
    async with asyncio.timeout(DEADLINE):
        async with at_work(
            studio, shop.adapter(cell), owner=owner, rounds=rounds, pauses=PAUSES, limits=LIMITS
        ) as here:
            job = await begin(cell, shop, here, sketched)
            await live_through(cell, shop, here, job)
            if cell.promise_name == "operator_told":
                await until(partial(operators_are_owed, here.studio, shop.name))
        await shop.quiet()
    taken = max(shop.door.taken, shop.files.taken)
    left = await shop.mend()
    assert left == 0 or cell.times - left > 0
    sent = [line for line in shop.door.requests[begun:] if SPOTS[shop.name, "order"].fits(line)]
    assert (len(sent), len(shop.jobs(cell.id)) <= 1) == (cell.posts, True)
    assert all(remote.ended for remote in shop.jobs(cell.id))
    assert (await here.job(job)).status == cell.promise.ends
    await check_money(cell, studio, owner, shop.billed(cell.id))
    await check_nothing_is_owed(studio, "web")
    await check_nothing_runs(at_rest)
    most = MOST_BYTES if SPOTS[shop.name, cell.phase].files else MOST_JSON
    assert taken < most + BUFFERS
    if cell.promise_name == "operator_told":
        assert here.studio.breakers[shop.name].circuit is Circuit.DENIED


async def operators_are_owed(studio: Studio, provider: str) -> bool:
    """Tell whether there is a notice, by this cell or by one before it in the same hour."""
    async with studio.database.reading() as tx:
        waiting = await tx.inbox.waiting()
    return any(ask.context.request.startswith(f"notice:denied:{provider}:") for ask in waiting)


async def live_through(cell: Cell, shop: Shop, here: Workshop, job: str) -> None:
    """Hear what the person hears of a job, and answer as they do."""
    for expected in cell.hears:
        if expected == "error.given_up":
            await here.say("giveup", job=job)
        check_line(expected, await here.hears(job))
        if expected == "error.in_doubt":
            shop.hide(0)
            here.worker.wake([job])
    here.worker.wake([job])
    while not here.feed.empty():
        event = here.feed.get_nowait()
        assert event is None or event.name != "line" or not event.data["key"].startswith(job)


async def begin(cell: Cell, shop: Shop, here: Workshop, sketched: str) -> str:
    """Bring an order to where the cell's fault is; return its job."""
    if cell.phase == "check":
        with suppress(ProviderDenied), here.studio.breakers[shop.name].counting():
            raise ProviderDenied("provider_denied")
    if cell.phase == "find":
        shop.emulator.fault(SPOTS[shop.name, "order"].place, "accept_then_drop")
    if cell.phase == "follow" and shop.name == "fal":
        shop.emulator.fault("stream", "status", code=404)
    shop.hide(FOR_EVER)
    shop.emulator.manual = cell.phase in RUNNING
    shop.spoil(cell)
    if cell.phase in {"upload", "token"}:
        return await ordered(here, "edit", prompt=cell.id, job=sketched, model="flux-dev")
    count = 2 if cell.fault.script == "fewer" else 1
    job = await here.order(cell.dependency, cell.id, count=count)
    if cell.phase in RUNNING:
        await here.reach(job, Status.SUBMITTED)
    if cell.phase == "cancel":
        heard = len(shop.door.requests)
        await here.say("cancel", job=job)
        await come_true(
            lambda: any(map(SPOTS[shop.name, cell.phase].fits, shop.door.requests[heard:]))
        )
    if cell.phase in RUNNING and cell.promise_name != "cancelled":
        shop.act(cell)
    return job


async def ordered(here: Workshop, command: str, **options: Any) -> str:
    reply = await here.say(command, **options)
    assert isinstance(reply, Accepted), reply
    return reply.jobs[0]
