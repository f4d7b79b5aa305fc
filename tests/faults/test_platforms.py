"""What goes wrong on a chat platform: each cell of the table by a real bot and a real delivery."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from bot.wiring import open_studio
from core.studio import Studio
from tests.dialogs.dialog import come_true
from tests.emulators.pictures import plain_picture
from tests.emulators.telegram import TelegramEmulator
from tests.faults.chats import LOUD, Platform, Side, discord_chat, telegram_chat
from tests.faults.invariants import check_money, check_nothing_is_owed, check_nothing_runs
from tests.faults.shops import Shop, fal_shop
from tests.faults.spots import SPOTS
from tests.faults.table import Cell, cells
from tests.studio import settings_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEADLINE = 30.0
"""Seconds that a cell may take on a busy machine."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    changes = {"NANO_BANANA_BUDGET_PER_DAY": "1000", "NANO_BANANA_ACCESS": "everyone"}
    settings = settings_at(tmp_path_factory.mktemp("faults"), **changes)
    async with open_studio(settings, lambda *_: {}) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    async with fal_shop() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platforms() -> AsyncIterator[Mapping[str, Platform]]:
    async with telegram_chat() as telegram, discord_chat() as discord:
        yield {one.name: one for one in (telegram, discord)}


@pytest.mark.parametrize("cell", cells("telegram", "discord"), ids=lambda cell: cell.id)
async def test_a_platform_that_fails_keeps_nobody_from_their_pictures(
    cell: Cell, studio: Studio, shop: Shop, platforms: Mapping[str, Platform], tmp_path: Path
) -> None:
    platform, begun = platforms[cell.dependency], len(shop.door.requests)
    at_rest = asyncio.all_tasks()
    async with asyncio.timeout(DEADLINE):
        opening = platform.open(cell, studio, shop.adapters[""], tmp_path)
        async with opening as side:
            platform.spoil(cell)
            await live_through(cell, shop, platform, side)
            shown = [heard for heard in side.dialog.seen() if heard.pictures]
            job = await side.job()
        await platform.door.quiet()
    assert platform.mend() == 0
    assert min(cell.promise.shown, 1) <= len(shown) <= cell.promise.shown
    sent = [line for line in shop.door.requests[begun:] if SPOTS["fal", "order"].fits(line)]
    assert len(sent) == cell.posts
    assert (job.status if job else "") == cell.promise.ends
    await check_money(cell, side.studio, side.user, shop.billed(cell.id))
    await check_nothing_is_owed(side.studio, platform.name)
    await check_nothing_runs(at_rest)


async def live_through(cell: Cell, shop: Shop, platform: Platform, side: Side) -> None:
    """Ask for a picture as this cell wants it, and wait until it is all over."""
    if cell.phase in {"fetch", "download"}:
        await show_a_picture(platform, side)
        await side.dialog.expect()
        return
    shop.emulator.manual = cell.phase in LOUD
    slash = "/imagine " if cell.phase in {"acknowledge", "answer"} else ""
    begun = len(platform.door.requests)
    await side.dialog.say(f"{slash}{cell.id} --model flux-schnell")
    if cell.phase in LOUD:
        spot = SPOTS[platform.name, cell.phase]
        await come_true(
            lambda: go_on(shop, cell) and any(map(spot.fits, platform.door.requests[begun:]))
        )
        (job,) = shop.jobs(cell.id)
        shop.emulator.finish(job.id)
    await side.settled()


async def show_a_picture(platform: Platform, side: Side) -> None:
    words, picture, person = "make it night --model flux-dev", plain_picture(), int(side.user.id)
    if isinstance(platform.emulator, TelegramEmulator):
        await platform.emulator.say(person, words, person, photo=picture)
    else:
        platform.emulator.say(person, platform.emulator.dm(person), words, files=[picture])


def go_on(shop: Shop, cell: Cell) -> bool:
    """Let the job come on a little, so that there is news to tell; False while there is none."""
    for job in shop.jobs(cell.id):
        shop.emulator.advance(job.id, "running", f"{len(job.logs) % 100:3}%|##  |")
    return bool(shop.jobs(cell.id))
