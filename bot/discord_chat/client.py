"""The studio on Discord: signed in, its commands listed, its connection kept alive."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import discord
import structlog

from bot.discord_chat.commands import sync
from bot.discord_chat.hearing import Hearing, Tempo
from bot.discord_chat.wire import Wire
from bot.intake import Intake
from core.command import Command
from core.errors import ConfigError
from core.studio import Studio

log = structlog.get_logger(__name__)

MOST_DOUBLINGS = 7
"""From five seconds to ten minutes: Discord allows a thousand connections a day."""
STEADY = 600.0
"""Seconds after which a connection counts as good, so that the next loss is a first one."""


async def list_commands(token: str, commands: Sequence[type[Command]], synced: Path) -> None:
    """Send the list of commands to Discord, whether it changed or not.

    Raises:
        ConfigError: Discord does not know the token.
        discord.HTTPException: Discord did not take the list.
    """
    async with discord.Client(intents=discord.Intents.none()) as client:
        with _token_judged():
            await client.login(token)
        await sync(client, commands, synced, force=True)


@contextmanager
def _token_judged() -> Generator[None]:
    try:
        yield
    except discord.LoginFailure:
        remedy = "Discord does not know it. Copy it again from the application's page, Bot."
        raise ConfigError("DISCORD_BOT_TOKEN", remedy) from None


@dataclass(kw_only=True)
class DiscordChat:
    """The surface as a whole; `wire` is the way out that its messenger was made with."""

    token: str
    wire: Wire
    studio: Studio
    intake: Intake
    synced: Path
    """Where the hash of the last listed commands is kept."""
    shards: int | None = None
    """None leaves it to Discord."""
    tempo: Tempo = field(default_factory=Tempo)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while every shard is connected."""
    _taken_up: bool = False

    async def run(self) -> None:
        """Serve until cancelled, with a new connection for each that is lost.

        Raises:
            ConfigError: Discord does not know the token.
        """
        clock, losses = asyncio.get_running_loop().time, -1
        while True:
            began = clock()
            await self._live()
            losses = 0 if clock() - began > STEADY else min(losses + 1, MOST_DOUBLINGS)
            await asyncio.sleep(self.tempo.restart_after * 2**losses)

    async def _live(self) -> None:
        """Live through one connection, from signing in until it is lost."""
        try:
            async with self._hearing() as client:
                with _token_judged():
                    await client.login(self.token)
                self.wire.signed_in = client
                await self._prepare(client)
                await client.connect()
        except ConfigError:
            raise
        except Exception:
            log.exception("discord_lost")
        finally:
            self.wire.signed_in = None
            self.connected.clear()

    def _hearing(self) -> Hearing:
        return Hearing(self.studio, self.intake, self.connected, self.shards, self.tempo)

    async def _prepare(self, client: discord.Client) -> None:
        """List the commands if they changed, and answer what a crash left unanswered."""
        try:
            await sync(client, self.studio.commands, self.synced)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            log.exception("discord_commands_not_synced")
        if not self._taken_up:
            self._taken_up = True
            await self.intake.take_up("discord")
