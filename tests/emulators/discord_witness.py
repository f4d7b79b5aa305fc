"""A bot of the real discord.py that notes what it hears, to witness the emulator."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Any

import discord
from discord import app_commands
from PIL import Image
from typing_extensions import override

from tests.emulators.discord_wire import TOKEN

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
ANN, BEN, GUILD = 2, 3, 9
MESSAGES = "/channels/{id}/messages"


def png(colour: str = "red") -> bytes:
    """Paint a small picture."""
    made = BytesIO()
    Image.new("RGB", (8, 6), colour).save(made, "PNG")
    return made.getvalue()


class Bot(discord.Client):
    """A client that notes what it hears."""

    def __init__(self, intents: discord.Intents = INTENTS) -> None:
        super().__init__(
            intents=intents,
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
        )
        self.tree: app_commands.CommandTree[Any] = app_commands.CommandTree(self)
        self.up = asyncio.Event()
        self.heard: asyncio.Queue[discord.Message] = asyncio.Queue()

    async def on_ready(self) -> None:
        self.up.set()

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again at once; the library would wait five seconds."""

    async def on_message(self, message: discord.Message) -> None:
        if not message.author.bot:
            self.heard.put_nowait(message)

    async def hears(self) -> discord.Message:
        async with asyncio.timeout(30):
            return await self.heard.get()

    async def place(self, channel: str) -> Any:
        return await self.fetch_channel(int(channel))


@contextlib.asynccontextmanager
async def running(bot: Bot) -> AsyncGenerator[Bot]:
    async with asyncio.TaskGroup() as tasks, bot:
        tasks.create_task(bot.start(TOKEN))
        async with asyncio.timeout(30):
            await bot.up.wait()
        yield bot
