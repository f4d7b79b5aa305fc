"""The emulated Discord, witnessed by the real discord.py."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import discord
import discord.asset
import discord.gateway
import discord.http
import pytest
import yarl
from discord import app_commands
from PIL import Image

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
ANN, BEN, GUILD = 2, 3, 9


def png(colour: str = "red") -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 6), colour).save(made, "PNG")
    return made.getvalue()


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

    async def on_message(self, message: discord.Message) -> None:
        if not message.author.bot:
            self.heard.put_nowait(message)

    async def hears(self) -> discord.Message:
        async with asyncio.timeout(5):
            return await self.heard.get()

    async def place(self, channel: str) -> Any:
        return await self.fetch_channel(int(channel))


@contextlib.asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[Bot]:
    async with asyncio.TaskGroup() as tasks, bot:
        tasks.create_task(bot.start(TOKEN))
        async with asyncio.timeout(5):
            await bot.up.wait()
        yield bot


async def test_a_slash_command_is_deferred_and_answered_with_a_picture(
    service: DiscordEmulator, general: str
) -> None:
    bot = Bot()
    read: list[bytes] = []

    @bot.tree.command(description="Draw a picture")
    @app_commands.describe(prompt="What to draw", image="A picture to start from")
    async def imagine(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 20],
        image: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True)
        if image is not None:
            read.append(await image.read())
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Vary", custom_id="vary:7"))
        file = discord.File(BytesIO(png("blue")), "a cat.png", description=prompt)
        await interaction.edit_original_response(content="Done", attachments=[file], view=view)

    async with running(bot):
        await bot.tree.sync()
        with pytest.raises(AssertionError, match="no options"):
            service.slash(ANN, general, "imagine", prompt="a cat", sed=1)
        with pytest.raises(AssertionError, match="max_length"):
            service.slash(ANN, general, "imagine", prompt="a cat" * 5)
        with pytest.raises(AssertionError, match="needs"):
            service.slash(ANN, general, "imagine")
        asked = service.slash(ANN, general, "imagine", prompt="a cat", image=png())
        thought = await service.acknowledged(asked)
        shown = await service.expect(lambda seen: not seen.thinking, channel=general)
    assert thought.answer == 5
    assert read == [png()]
    assert (shown.content, shown.buttons) == ("Done", ["Vary"])
    assert [(each.name, each.description) for each in shown.attachments] == [("a_cat.png", "a cat")]
    assert shown.attachments[0].data == png("blue")
    assert service.syncs == 1
    assert service.broken_rules == []
