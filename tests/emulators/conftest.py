"""An emulated Telegram with a bot of python-telegram-bot in it."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_cast import ANNA, BORIS, GROUP, connect


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        emulator.user(ANNA, "Anna", "de")
        emulator.user(BORIS, "Boris")
        emulator.dm(ANNA)
        emulator.group(GROUP, "Friends")
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
def seconds_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opt in to the type of `retry_after` to come; the old one warns at every 429."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    async with connect(telegram) as connected:
        yield connected
