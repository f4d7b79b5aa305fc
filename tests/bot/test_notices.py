"""Operators are told what they did not ask for: once each, wherever they are, and nobody else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.web_chat.inbound import HOME
from core.context import User
from core.errors import ProviderDenied
from tests.bot.telegram_chat.home import ANNA, BORIS
from tests.bot.test_failing_disk import until
from tests.bot.town import ANN, Town, half_past, settle, town_at
from tests.core.providers.adapters import fal_at
from tests.core.worker.stand import Stand
from tests.dialogs.dialog import come_true
from tests.dialogs.discord import discord_moved
from tests.emulators.discord import DiscordEmulator
from tests.emulators.fal import FalEmulator
from tests.emulators.telegram import TelegramEmulator

REFUSED = "Nothing more is ordered there"
GOOD = "fal takes orders again."
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MANY = 20
LOST = "could not be delivered"
OWED = ["discord:2", "discord:3", "telegram:501", "telegram:503", "web:owner"]


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
async def discord(telegram: TelegramEmulator) -> AsyncIterator[DiscordEmulator]:
    async with DiscordEmulator() as emulator:
        settle(telegram, emulator)
        with discord_moved(emulator):
            yield emulator
        assert emulator.broken_rules == []


async def told_once(town: Town, words: str, key: str) -> None:
    """Wait until nothing is owed to anybody, and see that each operator reads this once."""
    await until(town.all_told)
    assert len(town.in_telegram(ANNA, words)) == 1
    assert len(town.on_discord(ANN, words)) == 1
    assert len(await town.on_the_page(key)) == 1
    assert town.in_telegram(BORIS, words) == []


async def test_a_refused_account_is_told_once_and_so_is_that_it_is_good_again(
    tmp_path: Path, telegram: TelegramEmulator, discord: DiscordEmulator
) -> None:
    async with FalEmulator() as fal, fal_at(fal.url) as adapter:
        key, fal.key = fal.key, "another"
        async with town_at(tmp_path, telegram, discord, adapter, half_past()) as town:
            await town.order("a red fox")
            await come_true(lambda: town.on_discord(ANN, REFUSED))
            await town.order("a blue fox")
            await telegram.expect(lambda seen: "no orders just now" in seen.text, chat=BORIS)
            await told_once(town, REFUSED, "notice.denied")
            assert len(fal.called("POST", "/flux/schnell")) == 1
            fal.key = key
            await come_true(lambda: town.on_discord(ANN, GOOD))
            await told_once(town, GOOD, "notice.taken")
            await told_once(town, REFUSED, "notice.denied")
            (denied,) = town.in_telegram(ANNA, REFUSED)
    assert denied.startswith("fal does not accept the studio's key or account (")
    assert "fox" not in denied


async def test_many_results_that_nobody_takes_are_one_notice_that_names_a_job(
    tmp_path: Path, telegram: TelegramEmulator, discord: DiscordEmulator
) -> None:
    telegram.block(BORIS)
    async with town_at(tmp_path, telegram, discord, Stand(), half_past()) as town:
        for number in range(MANY):
            await town.order(f"a fox {number}")

        async def all_given_up() -> bool:
            async with town.studio.database.reading() as tx:
                return len(await tx.outbox.given_up(LONG_AGO)) == MANY

        await until(all_given_up)
        await told_once(town, LOST, "notice.undelivered")
        (lost,) = town.in_telegram(ANNA, LOST)
        async with town.studio.database.reading() as tx:
            assert await tx.jobs.get(lost.split()[4]) is not None
    assert "Telegram does not let me write to this chat." in lost
    assert "fox" not in lost


async def test_what_a_killed_studio_did_not_tell_the_next_start_tells_once(
    tmp_path: Path, telegram: TelegramEmulator, discord: DiscordEmulator
) -> None:
    stand, clock = Stand(), half_past()
    for detail in ("User is locked.", "Still locked."):
        stand.failing("order", ProviderDenied("provider_denied", provider="fal", detail=detail))
    async with town_at(tmp_path, telegram, discord, stand, clock, listening=False) as town:
        await town.order("a fox", HOME)

        async def over() -> bool:
            async with town.studio.database.reading() as tx:
                jobs = await tx.jobs.recent(User("web", "home"), 1)
                promised = await tx.outbox.due(town.studio.now(), ["web"], 1)
            ended = all(job.finished for job in jobs) and not promised
            return ended and sorted(await town.notices()) == OWED

        await until(over)
    assert telegram.messages(ANNA) == []
    for _ in range(2):
        async with town_at(tmp_path, telegram, discord, stand, clock) as town:
            await told_once(town, "(User is locked.)", "notice.denied")
    async with town_at(tmp_path, telegram, discord, stand, clock) as town:
        await town.order("another fox")
        await come_true(lambda: town.in_telegram(BORIS, "(Still locked.)"))
        await told_once(town, REFUSED, "notice.denied")
