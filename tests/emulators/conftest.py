"""An emulated Telegram with a bot in it, and a Discord that discord.py takes for the real one."""

from collections.abc import AsyncIterator

import discord.asset
import discord.gateway
import discord.http
import pytest
import yarl
from telegram import Bot

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_witness import ANN, BEN, GUILD
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_cast import ANNA, BORIS, GROUP, connect


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        emulator.user(ANNA, "Anna", "de")
        emulator.user(BORIS, "Boris")
        emulator.dm(ANNA)
        emulator.group(GROUP, "Friends")
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
def seconds_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opt in to the type of `retry_after` to come; the old one warns at every 429."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    async with connect(telegram) as connected:
        yield connected


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordEmulator]:
    async with DiscordEmulator() as emulator:
        monkeypatch.setattr(discord.http.Route, "BASE", emulator.api_url)
        dialled = yarl.URL(emulator.gateway_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", dialled)
        monkeypatch.setattr(discord.asset.Asset, "BASE", emulator.cdn_url)
        emulator.user(ANN, "ann")
        emulator.user(BEN, "ben", locale="de")
        emulator.guild(GUILD, "lab")
        yield emulator


@pytest.fixture
def general(service: DiscordEmulator) -> str:
    return service.channel(GUILD, "general")
