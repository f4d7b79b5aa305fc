"""The connection to Discord: what is heard there is committed, acknowledged and handed on."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from re import Match
from typing import Any, Self, cast

import aiohttp
import discord
import structlog
from typing_extensions import override

from bot.discord_chat import inbound
from bot.discord_chat.inbound import Interaction
from bot.discord_chat.suggestions import suggest
from bot.discord_chat.ticket import Ticket
from bot.discord_chat.wire import DEADLINE
from bot.intake import Intake
from core.context import Ask
from core.errors import StorageError
from core.studio import Studio

log = structlog.get_logger(__name__)

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
"""None of them privileged: mentions, replies and private messages come whole without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How fast a connection is made, and how long an answer is waited for; in seconds."""

    identify_every: float = 5.0
    """Between two shards, as Discord demands."""
    guilds_within: float = 2.0
    restart_after: float = 5.0
    """Before a lost connection is made anew; twice as long each time."""
    acknowledge_within: float = 3.0
    """Later Discord has told the person that the bot did not respond."""
    answer_within: float = DEADLINE
    """From connecting to the last byte of an answer to words."""


USUAL = Tempo()


class Hearing(discord.AutoShardedClient):
    """One life of the connection, with as many shards as Discord advises or the operator says."""

    def __init__(
        self,
        studio: Studio,
        intake: Intake,
        connected: asyncio.Event,
        shards: int | None,
        tempo: Tempo,
    ) -> None:
        super().__init__(
            intents=INTENTS,
            shard_count=shards,
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            max_ratelimit_timeout=30.0,
            guild_ready_timeout=tempo.guilds_within,
        )
        self._studio = studio
        self._intake = intake
        self._connected = connected
        self._tempo = tempo
        self._at_work: set[asyncio.Task[Any]] = set()
        self.add_dynamic_items(_button((one.name for one in studio.commands), self.on_press))

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if not initial:
            await asyncio.sleep(self._tempo.identify_every)

    @override
    async def close(self) -> None:
        """Close once everything heard is handed on: the library's own tasks would outlive it."""
        await self._handed_on()
        await super().close()
        await self._handed_on()

    async def _handed_on(self) -> None:
        await asyncio.sleep(0)  # lets begin what was dispatched but a moment ago
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=self._tempo.acknowledge_within)

    @contextmanager
    def _working(self) -> Generator[None]:
        task = asyncio.current_task()
        work = {task} if task else set[asyncio.Task[Any]]()
        self._at_work |= work
        try:
            yield
        finally:
            self._at_work -= work

    async def on_ready(self) -> None:
        """Tell that every shard is connected."""
        self._connected.set()

    async def on_interaction(self, interaction: Interaction) -> None:
        """Hear a slash command, or offer what fits while one is written."""
        if interaction.type is discord.InteractionType.application_command:
            studio = self._studio
            ask = inbound.from_command(interaction, studio.commands, studio.now())
            await self._hear(interaction, ask)
        elif interaction.type is discord.InteractionType.autocomplete:
            person, data = inbound.user(interaction.user), inbound.raw(interaction)
            await interaction.response.autocomplete(await suggest(self._studio, person, data))

    async def on_press(self, interaction: Interaction, token: str) -> None:
        """Hear a button."""
        studio = self._studio
        ask = inbound.from_press(interaction, token, studio.commands, studio.now())
        await self._hear(interaction, ask)

    async def on_message(self, message: discord.Message) -> None:
        """Hear words that are meant for the bot."""
        me = self.application_id or 0
        if inbound.meant(message, me):
            with self._working():
                ask = inbound.from_message(message, me)
                try:
                    self._intake.start(await self._intake.put([ask]))
                except StorageError as error:
                    await self._intake.regret([ask], error)

    async def _hear(self, interaction: Interaction, ask: Ask) -> None:
        """Commit first, then tell Discord, then answer."""
        with self._working():
            try:
                new = await self._intake.put([ask])
            except StorageError as error:
                await self._acknowledge(interaction, ask, hidden=True)
                await self._intake.regret([ask], error)
                return
            for one in new:
                hurried = self._intake.wait(one.context.user)
                await self._acknowledge(interaction, one, hidden=hurried > 0)
                self._intake.begin(one, hurried)

    async def _acknowledge(
        self, interaction: Interaction, ask: Ask, *, hidden: bool = False
    ) -> None:
        """Show the bot thinking, or leave a pressed message as it is until its answer comes.

        What is `hidden` only who asked will see. When Discord does not take it, or says nothing
        while it still helps, the answer finds another way.
        """
        ticket = Ticket.read(ask.context.address.ticket)
        thinking = not ticket.pressed
        try:
            aside = thinking and (hidden or ticket.private)
            async with asyncio.timeout(self._tempo.acknowledge_within):
                await interaction.response.defer(thinking=thinking, ephemeral=aside)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("discord_not_acknowledged", request=ask.context.request, error=repr(error))


Pressed = Callable[[Interaction, str], Awaitable[None]]


def _button(names: Iterable[str], heard: Pressed) -> type[discord.ui.DynamicItem[Any]]:
    """Make the one kind of button there is; its token says what it does, even after a restart."""
    template = rf"(?s:(?:{'|'.join(names)})(?::.*)?)"

    class Button(discord.ui.DynamicItem[discord.ui.Button[Any]], template=template):
        @classmethod
        @override
        async def from_custom_id(
            cls, interaction: Interaction, item: discord.ui.Item[Any], match: Match[str], /
        ) -> Self:
            return cls(cast("discord.ui.Button[Any]", item))

        @override
        async def callback(self, interaction: Interaction) -> None:
            await heard(interaction, self.custom_id)

    return Button
