"""A whole studio behind the emulated Telegram, with paces that no test has to wait for."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.telegram_chat.chat import TelegramChat
from bot.telegram_chat.limiter import Allowance, Allowances, Limiter
from bot.telegram_chat.outbound import TelegramMessenger
from bot.telegram_chat.persistence import Persistence
from bot.telegram_chat.wire import TelegramBot
from core.ports import Finishing, ImageStore, Messenger, Pace
from tests.emulators.telegram import TelegramEmulator
from tests.studio import Home, studio_at

ANNA, BORIS, GROUP, FORUM = 501, 502, -700, -1001234567890
FREELY = Allowance(1000, 1)
FREE = Allowances(chat=FREELY, group=FREELY, everywhere=FREELY, edits=FREELY, group_edits=FREELY)
PROMPT = Pace(first_after=60, every=60, typing_every=60)
QUICKLY = Persistence(first=0.01, longest=0.02)


@dataclass(frozen=True)
class Chat:
    """A studio in Telegram."""

    home: Home
    bot: TelegramBot


def people(telegram: TelegramEmulator) -> None:
    """Introduce who the tests are about, and where they meet."""
    telegram.user(ANNA, "Anna")
    telegram.user(BORIS, "Boris")
    telegram.dm(ANNA)
    telegram.group(GROUP, "Friends")
    telegram.group(FORUM, "Studio", topics=True)


@asynccontextmanager
async def chatting(
    telegram: TelegramEmulator,
    folder: Path,
    *,
    limiter: Limiter | None = None,
    pace: Pace = PROMPT,
    patience: float = 5,
    **settings: Any,
) -> AsyncGenerator[Chat]:
    """Run a studio that polls the emulator."""
    bot = TelegramBot(telegram.token, telegram.url, patience=patience)

    def messengers(images: ImageStore, _: Finishing) -> Mapping[str, Messenger]:
        measured = limiter or Limiter(FREE)
        return {"telegram": TelegramMessenger(bot, images, limiter=measured, pace=pace)}

    async with studio_at(folder, messengers, **settings) as home, asyncio.TaskGroup() as group:
        chat = TelegramChat(bot, home.studio, home.intake, persistence=QUICKLY)
        polling = group.create_task(chat.run())
        try:
            yield Chat(home, bot)
        finally:
            polling.cancel()
