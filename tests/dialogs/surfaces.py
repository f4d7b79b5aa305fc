"""The four surfaces by name, and what a test waits for beside them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

import pytest

from tests.dialogs.dialog import Dialog, come_true
from tests.dialogs.discord import on_discord
from tests.dialogs.telegram import on_telegram
from tests.dialogs.terminal import at_the_terminal
from tests.dialogs.web import in_the_web_chat
from tests.emulators.fal import FalEmulator

OPEN: Mapping[str, Callable[..., AbstractAsyncContextManager[Dialog]]] = {
    "telegram": on_telegram,
    "discord": on_discord,
    "web": in_the_web_chat,
    "terminal": at_the_terminal,
}

everywhere = pytest.mark.parametrize("surface", OPEN)
in_chats = pytest.mark.parametrize("surface", ["telegram", "discord", "web"])


async def followed(fal: FalEmulator) -> str:
    """Wait until an order was taken and is being followed; return its id."""
    await come_true(lambda: fal.called("GET", "/status"))
    return fal.jobs[-1].id
