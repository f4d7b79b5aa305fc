"""Discord as one of the studio's platforms: its messenger, its life and its check."""

from datetime import UTC, datetime
from pathlib import Path

import discord

from bot.discord_chat.client import DiscordChat
from bot.discord_chat.outbound import DiscordMessenger
from bot.discord_chat.wire import Wire
from bot.intake import Intake
from core.ports import Finishing, Health, ImageStore
from core.studio import Studio

SYNCED = "discord-commands.sha256"


class Discord:
    """A bot on Discord."""

    name = "discord"

    def __init__(self, token: str, folder: Path, shards: int | None = None) -> None:
        self._token = token
        self._synced = folder / SYNCED
        self._shards = shards
        self._wire = Wire()

    def messenger(self, images: ImageStore, finishing: Finishing) -> DiscordMessenger:
        """Make its way out."""
        return DiscordMessenger(self._wire, images, finishing, lambda: datetime.now(UTC))

    async def run(self, studio: Studio, intake: Intake) -> None:
        """Serve until cancelled; raise ConfigError when the token is wrong."""
        chat = DiscordChat(
            token=self._token,
            wire=self._wire,
            studio=studio,
            intake=intake,
            synced=self._synced,
            shards=self._shards,
        )
        await chat.run()

    async def check(self) -> Health:
        """Find out with a connection of its own whether Discord knows the token."""
        client = discord.Client(intents=discord.Intents.none())
        try:
            async with client:
                await client.login(self._token)
                return Health(ok=True, detail=str(client.user))
        except (discord.DiscordException, OSError) as error:
            return Health(ok=False, detail=type(error).__name__)
