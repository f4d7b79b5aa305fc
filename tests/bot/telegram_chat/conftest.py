"""The emulated Telegram, whose every call is checked against the published description."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.telegram_chat.home import people
from tests.emulators.telegram import TelegramEmulator


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        people(emulator)
        yield emulator
        assert emulator.broken_rules == []
