"""The studio on an emulated Discord."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord_chat.wire import point_at
from tests.bot.discord_chat.scene import ANN, BEN, GUILD, Scene, open_scene
from tests.emulators.discord import DiscordEmulator


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordEmulator]:
    for owner, name in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (Asset, "BASE")):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # put back when the test ends
    async with DiscordEmulator() as emulator:
        point_at(emulator.api_url, emulator.gateway_url, emulator.cdn_url)
        emulator.user(ANN, "ann")
        emulator.user(BEN, "ben", locale="de")
        emulator.guild(GUILD, "lab")
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
def general(service: DiscordEmulator) -> str:
    return service.channel(GUILD, "general")


@pytest.fixture
async def scene(tmp_path: Path, service: DiscordEmulator, general: str) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path, service) as opened:
        yield opened
