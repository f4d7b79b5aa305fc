"""A deletion that is told again, for its words were not heard."""

import asyncio
from pathlib import Path

from bot.dispatch import dispatch
from core.replies import Accepted, Removed
from tests.core.worker.workshop import Workshop, workshop_at


async def drawn(here: Workshop) -> str:
    reply = await here.say("imagine", prompt="a boat", model="sketch", seed=7)
    assert isinstance(reply, Accepted)
    (job,) = reply.jobs
    await here.shown(job)
    return job


async def test_a_picture_drawn_anew_outlives_an_older_deletion_that_is_told_again(
    tmp_path: Path,
) -> None:
    async with workshop_at(tmp_path) as here:
        ask = await here.ask("delete", job=await drawn(here))
        answer = await dispatch(here.studio, ask, asyncio.Semaphore(1))
        assert isinstance(answer.reply, Removed)
        again = await drawn(here)
        await here.intake.answer(ask)  # as the next start does with what was not told
        async with here.studio.database.reading() as tx:
            (picture,) = await tx.pictures.of_job(again)
        assert answer.reply.images == (picture.sha256,)
        assert await here.studio.images.get(picture.sha256)
