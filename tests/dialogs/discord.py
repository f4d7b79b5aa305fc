"""A person on Discord."""

import re
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route
from typing_extensions import override

from bot.discord_chat.wire import point_at
from core.command import Command
from core.commands import COMMANDS
from core.errors import Missing
from core.grammar import parse
from tests.bot.discord_chat.scene import open_scene
from tests.dialogs.dialog import DEADLINE, Dialog, Found, Heard
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_components import BUTTON, walk
from tests.emulators.discord_reading import Seen

ANN = 2
ESCAPED = re.compile(r"\\(?=[^A-Za-z0-9\s])|\u200b")
"""What the screen does not show."""


class DiscordDialog(Dialog):
    """What one person writes and reads in one channel."""

    def __init__(self, service: DiscordEmulator, person: int, channel: str) -> None:
        super().__init__()
        self._service = service
        self._person = person
        self._channel = channel

    @override
    async def say(self, words: str, *, answering: Heard | None = None) -> None:
        """Write a message; a line that is a whole command is given as a slash command."""
        command = _slash(words)
        if command is None:
            under = answering.place if answering else None
            self._service.say(self._person, self._channel, words, reply_to=under)
            return
        options = command.record()
        self._service.slash(self._person, self._channel, str(options.pop("command")), **options)

    @override
    async def push(self, heard: Heard, sent: str) -> None:
        self._service.press(self._person, heard.place, sent)

    @override
    def seen(self) -> Sequence[Heard]:
        return [
            _heard(one)
            for one in self._service.messages(self._channel)
            if one.author_id != str(self._person) and not one.thinking
        ]

    @override
    async def until(self, found: Callable[[], Found | None]) -> Found:
        return await self._service.until(found, DEADLINE)


def _slash(words: str) -> Command | None:
    if not words.startswith("/"):
        return None
    try:
        return parse(words, COMMANDS)
    except Missing:
        return None  # the form of a slash command would not let it go


def _heard(one: Seen) -> Heard:
    every = [each for each in walk(list(one.components)) if each["type"] == BUTTON]
    return Heard(
        place=one.id,
        text=ESCAPED.sub("", one.content),
        pictures=tuple(file.data for file in one.attachments),
        buttons={each["label"]: each["custom_id"] for each in every},
    )


@contextmanager
def discord_moved(service: DiscordEmulator) -> Generator[None]:
    """Point discord.py at the emulator, and back in the end."""
    with pytest.MonkeyPatch.context() as patch:
        names = ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (Asset, "BASE"))
        for owner, name in names:
            patch.setattr(owner, name, getattr(owner, name))
        point_at(service.api_url, service.gateway_url, service.cdn_url)
        yield


@asynccontextmanager
async def on_discord(
    folder: Path, locale: str = "en-US", **settings: Any
) -> AsyncGenerator[DiscordDialog]:
    """Open a studio for one person in their private channel with the bot."""
    async with DiscordEmulator() as service:
        service.user(ANN, "ann", locale=locale)
        with discord_moved(service):
            async with open_scene(folder, service, **settings):
                yield DiscordDialog(service, ANN, service.dm(ANN))
        assert service.broken_rules == []
