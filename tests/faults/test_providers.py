"""What goes wrong at a provider: each cell of the table by a real order, worker and adapter."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio

from bot.strings import phrases
from bot.wiring import open_studio
from core.budget import Period, of_user
from core.context import User
from core.errors import ProviderDenied
from core.job import Status
from core.replies import Accepted
from core.studio import Studio
from tests.core.worker.workshop import BRIEF, Workshop, at_work
from tests.faults.shops import SPOTS, Shop, fal_shop, replicate_shop
from tests.faults.table import Cell, cells
from tests.studio import settings_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = (0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
PAUSES = (0.01, 0.02, 0.05, 0.05, 0.05)
DEADLINE = 15.0
"""Seconds that a cell may take on a busy machine."""
FOR_EVER = 1_000_000


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
    begun = len(shop.door.requests)
    at_rest = asyncio.all_tasks()
    async with asyncio.timeout(DEADLINE):
        async with at_work(
            studio, shop.adapter(cell), owner=owner, rounds=rounds, pauses=PAUSES
        ) as here:
            job = await begin(cell, shop, here, sketched)
            for expected in cell.hears:
                if expected == "error.given_up":
                    await here.say("giveup", job=job)
                assert says(expected, await here.hears(job))
                if expected == "error.in_doubt":
                    shop.hide(0)
                    here.worker.wake([job])
        assert await shop.mend() == 0
        await shop.door.quiet()
        await shop.files.quiet()
    sent = [line for line in shop.door.requests[begun:] if SPOTS[shop.name, "order"].fits(line)]
    assert len(sent) == cell.posts
    assert len(shop.jobs(cell.id)) <= 1
    assert (await here.job(job)).status == cell.promise.ends
    assert heard_no_more(here, job)
    async with studio.database.reading() as tx:
        total = await tx.ledger.spent(of_user(owner), Period.TOTAL, studio.now())
        owed = await tx.outbox.due(studio.now(), ("web",), 1)
    assert total == shop.billed(cell.id)
    assert (total > 0) == (cell.promise.ledger == "billed")
    assert owed == ()
    assert asyncio.all_tasks() == at_rest


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
    shop.emulator.manual = cell.phase == "cancel"
    await shop.spoil(cell)
    if cell.phase in {"upload", "token"}:
        return await ordered(here, "edit", prompt=cell.id, job=sketched, model="flux-dev")
    job = await here.order(cell.dependency, cell.id)
    if cell.phase == "cancel":
        await here.reach(job, Status.SUBMITTED)
        await here.say("cancel", job=job)
    return job


async def ordered(here: Workshop, command: str, **options: str) -> str:
    reply = await here.say(command, **options)
    assert isinstance(reply, Accepted), reply
    return reply.jobs[0]


def says(key: str, line: Mapping[str, Any]) -> bool:
    """Whether a line of the chat is this phrase, or shows pictures."""
    if key == "pictures":
        return bool(line["shots"])
    words = re.sub(r"\\\{.*?\\\}", ".*", re.escape(phrases("en")[key]))
    assert re.match(words, line["text"], re.DOTALL), line["text"]
    return True


def heard_no_more(here: Workshop, job: str) -> bool:
    """Whether nothing more was said about a job."""
    while not here.feed.empty():
        event = here.feed.get_nowait()
        if event and event.name == "line" and event.data["key"].startswith(f"{job}-"):
            return False
    return True
