"""A loopback Discord that discord.py takes for the real one, for the length of a test."""

from collections.abc import AsyncIterator

import discord.asset
import discord.gateway
import discord.http
import pytest
import yarl

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_witness import ANN, BEN, GUILD


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
