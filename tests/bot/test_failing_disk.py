"""A disk with too little room: nothing new is spent; what is free goes on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.cli.terminal import Output, Terminal
from bot.dispatch import dispatch
from core.budget import EVERYONE, Period
from core.context import Address, Ask, Chat, Context, User
from core.ports import ImageStore, Messenger
from core.replies import Accepted, Reply, Text
from storage.room import DiskRoom
from tests.emulators.fal import FalEmulator
from tests.studio import Home, studio_at

ME = User("cli", "me", "me")
PAID = {"command": "imagine", "prompt": "a fox", "model": "flux-schnell", "seed": 7}


def ask(number: int, **command: str | int) -> Ask:
    context = Context(request=f"cli:{number}", address=Address(Chat("cli", "me")), user=ME)
    return Ask(context=context, command={**PAID, **command})


@dataclass(frozen=True)
class Scene:
    """A studio with a terminal, and a provider."""

    home: Home
    falai: FalEmulator
    folder: Path


async def until(happened: Callable[[], Awaitable[object]]) -> None:
    for _ in range(3000):
        if await happened():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never happened")


@asynccontextmanager
async def scene_at(folder: Path) -> AsyncGenerator[Scene]:
    def messengers(images: ImageStore, _: object) -> dict[str, Messenger]:
        return {"cli": Terminal(images, Output(folder=folder / "out"), "en")}

    async with FalEmulator() as falai:
        places = ("FAL_QUEUE_URL", "FAL_REST_URL", "FAL_CDN_URL", "FAL_API_URL")
        keys: dict[str, Any] = {"FAL_KEY": falai.key, **dict.fromkeys(places, falai.url)}
        async with studio_at(folder / "data", messengers, **keys) as home:
            yield Scene(home, falai, folder)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_at(tmp_path) as made:
        yield made


def key(reply: Reply) -> str:
    assert isinstance(reply, Text)
    return reply.key


@pytest.mark.parametrize("room", [{"least": 1 << 62}, {"share": 1.0}])
async def test_too_little_room_refuses_what_costs_money_and_nothing_else(
    scene: Scene, room: dict[str, Any]
) -> None:
    small = DiskRoom(scene.folder, **room)
    full, turn = replace(scene.home.studio, room=small), asyncio.Semaphore()
    paid = await dispatch(full, ask(1), turn)
    free = await dispatch(full, ask(2, model="sketch"), turn)
    assert key(paid.reply) == "error.disk_low"
    assert isinstance(free.reply, Accepted)
    assert scene.falai.calls == []
    async with full.database.reading() as tx:
        assert await tx.ledger.sums([(EVERYONE, Period.DAY)], full.now()) == (0,)
