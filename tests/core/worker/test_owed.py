"""A job that a provider has taken is asked for again, but not for ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.wiring import open_studio
from core.budget import EVERYONE, Period
from core.job import Status
from tests.core.worker.workshop import at_work, market
from tests.studio import settings_at


async def test_what_cannot_be_fetched_for_an_hour_is_lost_and_shown_as_paid(
    tmp_path: Path,
) -> None:
    ahead = [timedelta()]
    async with market("fal") as shop, open_studio(settings_at(tmp_path), lambda *_: {}) as bare:
        studio = replace(bare, now=lambda: datetime.now(UTC) + ahead[0])
        async with at_work(studio, shop.adapter, pauses=(0.01,)) as here:
            shop.emulator.fault("result", "status", times=10_000, code=503)
            job = await here.order("fal")
            await here.reach(job, Status.FETCHING)
            ahead[0] = timedelta(hours=2)
            await here.told(job, "It was paid")
            assert (await here.job(job)).status is Status.FAILED
        async with studio.database.reading() as tx:
            (total,) = await tx.ledger.sums([(EVERYONE, Period.TOTAL)], studio.now())
        assert total == shop.emulator.billed > 0
