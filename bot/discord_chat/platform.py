"""Discord as one of the studio's platforms: signed in, commands listed, connection kept alive."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import discord
import structlog

from bot.discord_chat.commands import sync
from bot.discord_chat.hearing import USUAL, Hearing, Tempo
from bot.discord_chat.inbound import PLATFORM
from bot.discord_chat.outbound import PACE, DiscordMessenger
from bot.discord_chat.wire import Wire
from bot.intake import Intake
from bot.links import NOWHERE, Links
from core.command import Command
from core.errors import ConfigError
from core.ports import Finishing, Health, ImageStore, Messenger, Pace
from core.studio import Studio

log = structlog.get_logger(__name__)

SIGN_IN = 30.0
"""Seconds to hear from Discord whether it knows the token."""
HEARD = 0.1
"""Seconds in which a cancellation is heard, or is said again."""
SYNCED = "discord-commands.sha256"
MOST_DOUBLINGS = 7
"""From five seconds to ten minutes: Discord allows a thousand connections a day. One that did not
even come to signing in is none of them."""
STEADY = 600.0
"""Seconds after which a connection counts as good, so that the next loss is a first one."""


class Discord:
    """One bot: its messenger answers what its `run` takes in."""

    def __init__(
        self,
        token: str,
        folder: Path,
        shards: int | None = None,
        *,
        pace: Pace = PACE,
        tempo: Tempo = USUAL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = PLATFORM
        self.connected = asyncio.Event()
        """Set while every shard is connected."""
        self._token = token
        self._synced = folder / SYNCED
        self._shards = shards
        self._pace = pace
        self._tempo = tempo
        self._now = now
        self._wire = Wire(deadline=tempo.answer_within)
        self._taken_up = False

    def messenger(
        self, images: ImageStore, finishing: Finishing, links: Links = NOWHERE
    ) -> Messenger:
        """Make its way out; it is open while `run` is signed in."""
        return DiscordMessenger(self._wire, images, finishing, self._now, self._pace, links)

    async def run(self, studio: Studio, intake: Intake) -> None:
        """Serve until cancelled, with a new connection for each that is lost.

        Raises:
            ConfigError: Discord does not know the token.
        """
        clock, losses = asyncio.get_running_loop().time, -1
        while True:
            began = clock()
            signed_in = await self._live(studio, intake)
            harmless = not signed_in or clock() - began > STEADY
            losses = 0 if harmless else min(losses + 1, MOST_DOUBLINGS)
            await asyncio.sleep(self._tempo.restart_after * 2**losses)

    async def check(self) -> Health:
        """Find out whether Discord knows the token, without connecting."""
        try:
            async with _signed_in(self._token) as client:
                return Health(ok=True, detail=str(client.user))
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            return Health(ok=False, detail=type(error).__name__)

    async def list_commands(self, commands: Sequence[type[Command]]) -> None:
        """Send the list of commands to Discord, whether it changed or not.

        Raises:
            ConfigError: Discord does not know the token.
            discord.HTTPException: Discord did not take the list.
        """
        with _token_judged():
            async with _signed_in(self._token) as client:
                await sync(client, commands, self._synced, force=True)

    async def _live(self, studio: Studio, intake: Intake) -> bool:
        """Live through one connection until it is lost; tell whether it came to signing in."""
        hearing = Hearing(studio, intake, self.connected, self._shards, self._tempo)
        try:
            with _token_judged():
                async with hearing:
                    async with asyncio.timeout(SIGN_IN):
                        await hearing.login(self._token)
                    self._wire.signed_in = hearing
                    await self._prepare(hearing, studio, intake)
                    await _until_lost(hearing)
        except ConfigError:
            raise
        except Exception:
            log.exception("discord_lost")
        finally:
            signed_in, self._wire.signed_in = self._wire.signed_in is not None, None
            self.connected.clear()
        return signed_in

    async def _prepare(self, client: discord.Client, studio: Studio, intake: Intake) -> None:
        """List the commands if they changed, and answer what a crash left unanswered."""
        try:
            await sync(client, studio.commands, self._synced)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            log.exception("discord_commands_not_synced")
        if not self._taken_up:
            await intake.take_up(PLATFORM)
            self._taken_up = True


@asynccontextmanager
async def _signed_in(token: str) -> AsyncGenerator[discord.Client]:
    async with discord.Client(intents=discord.Intents.none()) as client:
        async with asyncio.timeout(SIGN_IN):
            await client.login(token)
        yield client


async def _until_lost(client: discord.Client) -> None:
    """Stay connected; end when cancelled, also where the library does not hear it.

    It connects inside `asyncio.wait_for`, which before Python 3.12 swallows a cancellation that
    comes as it returns (github.com/python/cpython/issues/86296).
    """
    connected = asyncio.create_task(client.connect())  # noqa: TID251  it is waited for on every way out
    try:
        await asyncio.shield(connected)
    finally:
        while not connected.done():
            connected.cancel()
            await asyncio.wait({connected}, timeout=HEARD)


@contextmanager
def _token_judged() -> Generator[None]:
    try:
        yield
    except discord.LoginFailure:
        remedy = "Discord does not know it. Copy it again from the application's page, Bot."
        raise ConfigError("DISCORD_BOT_TOKEN", remedy) from None
