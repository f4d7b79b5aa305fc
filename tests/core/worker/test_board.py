"""The places of waiting jobs, told by messengers that are slow or refuse."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typing_extensions import override

from bot.web_chat.outbound import WebMessenger
from core.context import Address
from core.errors import DeliveryFailed
from core.job import Status
from core.replies import Progress, Reply
from core.worker.board import Board
from core.worker.queue import Line, Shares
from tests.core.money.desk import BOSS, desk_with, until
from tests.emulators.fal import FalEmulator

WISH = "/imagine a {fox,cat} --model flux-dev"


class Slow(WebMessenger):
    """Sends a place only when it may, and then perhaps not."""

    def __init__(self, refuses: Exception | None = None) -> None:
        super().__init__(lambda: datetime.now(UTC))
        self.asked = asyncio.Event()
        self.may = asyncio.Event()
        self.refuses = refuses

    @override
    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        if isinstance(reply, Progress) and reply.position:
            self.asked.set()
            await self.may.wait()
            if self.refuses:
                raise self.refuses
        return await super().send(address, reply, locale=locale, replaces=replaces, nonce=nonce)


@pytest.fixture
async def falai() -> AsyncIterator[FalEmulator]:
    async with FalEmulator() as emulator:
        yield emulator


@pytest.mark.parametrize("refuses", [None, DeliveryFailed("closed"), KeyError("ours")])
async def test_a_job_starts_when_its_place_was_told_or_could_not_be(
    falai: FalEmulator, tmp_path: Path, refuses: Exception | None
) -> None:
    falai.manual = True
    slow = Slow(refuses)
    async with desk_with(slow, tmp_path, falai, NANO_BANANA_JOBS_PER_USER=1) as desk:
        jobs = await desk.order(BOSS, WISH)
        await slow.asked.wait()
        await until(lambda: bool(falai.jobs))
        falai.finish(falai.jobs[0].id)
        await desk.ended(jobs[0])
        assert (await desk.job(jobs[1])).status is Status.QUEUED
        slow.may.set()
        await until(lambda: len(falai.jobs) == 2)
        falai.finish(falai.jobs[1].id)
        (done,) = await desk.ended(jobs[1])
        assert done.status is Status.DONE


async def test_of_a_job_that_is_gone_or_in_doubt_no_place_is_told(
    falai: FalEmulator, tmp_path: Path
) -> None:
    slow = Slow()
    slow.may.set()
    async with desk_with(slow, tmp_path, falai) as desk:
        falai.fault("submit", "drop_before")
        (doubtful,) = await desk.order(BOSS, "/imagine a fox --model flux-dev")
        await desk.reached(doubtful, Status.IN_DOUBT)
        for job in ("nobody", doubtful):
            await Board(desk.studio, Line(Shares()))._say(job, 1, None)
        assert not slow.asked.is_set()
