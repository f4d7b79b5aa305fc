"""A disk that is full or fails: nothing new is spent, and what was paid still arrives."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import aiosqlite
import pytest
from structlog.testing import capture_logs

from bot.cli.terminal import Output, Terminal
from bot.dispatch import dispatch
from bot.strings import phrases
from core.budget import EVERYONE, Period
from core.context import Address, Ask, Chat, Context, User
from core.job import Status
from core.ports import ImageStore, Messenger
from core.replies import Accepted, Reply, Text
from storage.database import SqlDatabase
from storage.room import DiskRoom
from tests.emulators.fal import FalEmulator
from tests.emulators.pictures import size_of
from tests.studio import Home, studio_at

ME = User("cli", "me", "me")
PAID = {"command": "imagine", "prompt": "a fox", "model": "flux-schnell", "seed": 7}


def ask(number: int, **command: str | int) -> Ask:
    context = Context(request=f"cli:{number}", address=Address(Chat("cli", "me")), user=ME)
    return Ask(context=context, command={**PAID, **command})


@dataclass(frozen=True)
class Scene:
    """A studio with a terminal, and a provider whose jobs end when told to."""

    home: Home
    terminal: Terminal
    falai: FalEmulator
    folder: Path

    async def order(self) -> None:
        """Ask for a paid picture and let the provider have it."""
        asked = ask(1)
        await self.home.intake.put([asked])
        reply = await self.home.intake.answer(asked)
        assert isinstance(reply, Accepted)
        self.terminal.wanted = frozenset(reply.jobs)
        await until(self.submitted)

    async def submitted(self) -> bool:
        return await self.status() is Status.SUBMITTED

    async def status(self) -> Status:
        async with self.home.studio.database.reading() as tx:
            (job,) = await tx.jobs.recent(ME, 1)
        return job.status

    async def arrived(self) -> Path:
        """Wait for the picture's file."""
        async with asyncio.timeout(10):
            await self.terminal.ended.get()
        (file,) = (self.folder / "out").iterdir()
        return file

    async def set_writer(self, pragma: str) -> None:
        database = cast("SqlDatabase", self.home.studio.database)
        async with database.writer.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            await cast("aiosqlite.Connection", raw).execute(f"PRAGMA {pragma}")


async def until(happened: Callable[[], Awaitable[object]]) -> None:
    for _ in range(1000):
        if await happened():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never happened")


async def refused(logs: list[MutableMapping[str, Any]]) -> None:
    """Wait until something could not be stored."""

    async def seen() -> bool:
        return any(line["event"] == "not_stored_yet" for line in logs)

    await until(seen)


@asynccontextmanager
async def scene_at(folder: Path) -> AsyncGenerator[Scene]:
    terminals: list[Terminal] = []

    def messengers(images: ImageStore, _: object) -> dict[str, Messenger]:
        terminals.append(Terminal(images, Output(folder=folder / "out"), "en"))
        return {"cli": terminals[0]}

    async with FalEmulator() as falai:
        falai.manual = True
        places = ("FAL_QUEUE_URL", "FAL_REST_URL", "FAL_CDN_URL", "FAL_API_URL")
        keys: dict[str, Any] = {"FAL_KEY": falai.key, **dict.fromkeys(places, falai.url)}
        async with studio_at(folder / "data", messengers, **keys) as home:
            yield Scene(home, terminals[0], falai, folder)


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
        assert await tx.ledger.spent(EVERYONE, Period.DAY, full.now()) == 0


async def test_a_database_that_takes_nothing_is_told_and_nothing_is_ordered(scene: Scene) -> None:
    await scene.set_writer("query_only=ON")
    reply = await scene.home.intake.answer(ask(1))
    assert key(reply) == "error.database_readonly"
    assert "error.database_readonly" in phrases("de")
    assert scene.falai.calls == []
    await scene.set_writer("query_only=OFF")
    assert isinstance(await scene.home.intake.answer(ask(1)), Accepted)


async def test_a_paid_picture_that_cannot_be_stored_is_kept_until_it_can_and_arrives(
    scene: Scene,
) -> None:
    await scene.order()
    images = scene.folder / "data" / "images"
    images.rename(aside := images.with_name("aside"))
    images.write_bytes(b"in the way")
    with capture_logs() as logs:
        scene.falai.finish(scene.falai.jobs[0].id)
        await refused(logs)
    assert await scene.status() is Status.FETCHING
    images.unlink()
    aside.rename(images)
    file = await scene.arrived()
    assert size_of(file.read_bytes()) == (1024, 1024)
    assert len(scene.falai.jobs) == 1
    assert await spent(scene) == scene.falai.billed


async def spent(scene: Scene) -> int:
    async with scene.home.studio.database.reading() as tx:
        return await tx.ledger.spent(EVERYONE, Period.DAY, scene.home.studio.now())
