"""What goes wrong with what providers call back: it wakes nobody wrongly, and nothing waits."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from bot.links import NOWHERE
from bot.web_chat.app import WebChat, create_app
from bot.web_chat.auth import Auth
from bot.web_chat.server import serving
from bot.wiring import open_studio
from core.context import User
from core.studio import Studio
from tests.core.worker.workshop import Market, at_work, market
from tests.dialogs.dialog import come_true
from tests.faults.invariants import check_money, check_nothing_is_owed, check_nothing_runs
from tests.faults.lines import check_line
from tests.faults.table import Cell, cells
from tests.studio import settings_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEADLINE = 30.0
"""Seconds that a cell may take on a busy machine."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    settings = settings_at(tmp_path_factory.mktemp("callbacks"))
    async with open_studio(settings, lambda *_: {}) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def markets(port: int) -> AsyncIterator[Mapping[str, Market]]:
    url = f"http://127.0.0.1:{port}/callbacks"
    async with market("fal", url) as fal, market("replicate", url) as replicate:
        yield {"fal call-backs": fal, "replicate call-backs": replicate}


CELLS = cells("fal call-backs", "replicate call-backs")


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
async def test_a_call_back_that_is_wrong_changes_nothing(
    cell: Cell, studio: Studio, markets: Mapping[str, Market], port: int, tmp_path: Path
) -> None:
    shop, owner, at_rest = markets[cell.dependency], User("web", cell.id), asyncio.all_tasks()
    posts, answers = shop.paid_posts(), len(shop.emulator.deliveries)
    async with asyncio.timeout(DEADLINE), at_work(studio, shop.adapter, owner=owner) as here:
        auth = Auth.open(tmp_path / "web.key", studio.now)
        app = create_app(WebChat(here.studio, here.intake, here.messenger, auth, _ready, NOWHERE))
        async with serving(app, here.messenger, "127.0.0.1", port):
            shop.emulator.fault("webhook", cell.fault.script)
            job = await here.order(shop.name, cell.id)
            for expected in cell.hears:
                check_line(expected, await here.hears(job))
            if cell.fault.script != "lost":
                await come_true(lambda: shop.emulator.deliveries[answers:])
    assert shop.emulator.mend() == 0
    assert shop.paid_posts() - posts == cell.posts
    assert (await here.job(job)).status == cell.promise.ends
    (remote,) = [one for one in shop.emulator.jobs if one.input.get("prompt") == cell.id]
    await check_money(cell, studio, owner, shop.emulator.bills[remote.id])
    await check_nothing_is_owed(studio, "web")
    await check_nothing_runs(at_rest)


async def _ready() -> dict[str, object]:
    return {}
