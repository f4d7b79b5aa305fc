"""A studio that lives on the emulated Discord, and what a test does with it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.discord_chat.hearing import Tempo
from bot.discord_chat.platform import Discord
from core.command import Command
from core.commands import COMMANDS
from core.ports import Finishing, ImageStore, Messenger, Pace
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_reading import Seen
from tests.emulators.discord_wire import TOKEN
from tests.studio import Clock, Home, studio_at

ANN, BEN, GUILD = 2, 3, 9
TEMPO = Tempo(identify_every=0.0, guilds_within=0.02, restart_after=0.01)
PACE = Pace(first_after=0.0, every=0.01, typing_every=None)


@dataclass(frozen=True)
class Scene:
    """Everything of one life of the studio."""

    service: DiscordEmulator
    home: Home
    chat: Discord
    clock: Clock

    @property
    def messenger(self) -> Messenger:
        return self.home.studio.messengers["discord"]

    async def pictures(self, channel: str, after: str = "0") -> Seen:
        """Wait for a message with pictures, newer than another."""
        return await self.service.expect(
            lambda seen: bool(seen.attachments) and int(seen.id) > int(after), channel=channel
        )

    async def all_pictures(self, channel: str, messages: int) -> list[Seen]:
        """Wait until so many messages have pictures, in whatever order they come."""
        shown: list[Seen] = []

        def enough(_: Seen) -> bool:
            shown[:] = [each for each in self.service.messages(channel) if each.attachments]
            return len(shown) == messages

        await self.service.expect(enough, channel=channel)
        return shown


def no_messengers(images: ImageStore, finishing: Finishing) -> Mapping[str, Messenger]:
    """Open a studio without a surface."""
    return {}


@asynccontextmanager
async def open_scene(
    folder: Path,
    service: DiscordEmulator,
    commands: tuple[type[Command], ...] = COMMANDS,
    *,
    shards: int | None = None,
    pace: Pace = PACE,
    **settings: Any,
) -> AsyncGenerator[Scene]:
    """Open the studio, connect it, and take both down in the end."""
    clock = Clock()
    chat = Discord(TOKEN, folder, shards, pace=pace, tempo=TEMPO, now=clock.now)

    def messengers(images: ImageStore, finishing: Finishing) -> Mapping[str, Messenger]:
        return {chat.name: chat.messenger(images, finishing)}

    async with (
        studio_at(folder, messengers, commands, **settings) as home,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(chat.run(home.studio, home.intake))
        async with asyncio.timeout(30):
            await chat.connected.wait()
        try:
            yield Scene(service, home, chat, clock)
        finally:
            await home.rest()
            running.cancel()
