"""A whole studio behind the emulated Telegram, with paces that no test has to wait for."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.telegram_chat.limiter import Allowance, Allowances, Limiter
from bot.telegram_chat.persistence import Persistence
from bot.telegram_chat.platform import Telegram
from core.ports import Finishing, ImageStore, Messenger, Pace
from tests.emulators.telegram import TelegramEmulator
from tests.studio import studio_at

ANNA, BORIS, GROUP, FORUM = 501, 502, -700, -1001234567890
FREELY = Allowance(1000, 1)
FREE = Allowances(chat=FREELY, group=FREELY, everywhere=FREELY, edits=FREELY, group_edits=FREELY)
SILENT = Pace(first_after=60, every=60, typing_every=60)
QUICKLY = Persistence(first=0.01, longest=0.02, newcomer=0.0)


def people(telegram: TelegramEmulator) -> None:
    """Introduce who the tests are about, and where they meet."""
    telegram.user(ANNA, "Anna")
    telegram.user(BORIS, "Boris")
    telegram.dm(ANNA)
    telegram.group(GROUP, "Friends")
    telegram.group(FORUM, "Studio", topics=True)


def platform(telegram: TelegramEmulator, token: str = "", pace: Pace = SILENT) -> Telegram:
    """Make the platform that talks to the emulator."""
    return Telegram(
        token or telegram.token,
        telegram.url,
        limiter=Limiter(FREE),
        pace=pace,
        persistence=QUICKLY,
    )


@asynccontextmanager
async def chatting(
    telegram: TelegramEmulator, folder: Path, *, pace: Pace = SILENT, **settings: Any
) -> AsyncGenerator[Telegram]:
    """Run a studio that polls the emulator."""
    here = platform(telegram, pace=pace)

    def messengers(images: ImageStore, finishing: Finishing) -> Mapping[str, Messenger]:
        return {here.name: here.messenger(images, finishing)}

    opened = studio_at(folder, messengers, **settings)
    async with opened as home, asyncio.TaskGroup() as group:
        polling = group.create_task(here.run(home.studio, home.intake))
        try:
            yield here
        finally:
            await home.rest()
            polling.cancel()
