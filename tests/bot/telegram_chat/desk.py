"""A messenger at work without a studio behind it, on a clock of its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.links import NOWHERE, Links
from bot.telegram_chat.limiter import Limiter
from bot.telegram_chat.outbound import TelegramMessenger
from bot.telegram_chat.wire import TelegramBot
from core.images.finishing import Chain
from core.images.worker import ImageWorker
from core.picture import Picture, Recipe
from core.replies import Button, Pictures, Text
from core.work import Generation
from storage.images import Images
from tests.emulators.telegram import TelegramEmulator

CAPTION = {"prompt": "a fox", "width": 64, "height": 48, "seed": 7, "job": "abc"}
WORK = Generation(prompt="a fox", width=64, height=48, aspect_ratio="4:3", seed=7)


@dataclass
class Clock:
    """A clock that runs only while somebody sleeps."""

    now: float = 100.0

    def __call__(self) -> float:
        """Tell the time in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.now += seconds
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Desk:
    """What a messenger needs, and what pictures are made of."""

    messenger: TelegramMessenger
    images: Images
    clock: Clock

    async def pictures(self, *data: bytes, size: tuple[int, int] = (64, 48)) -> Pictures:
        """Store images and show them as a job's pictures."""
        kept = [
            Picture(
                job="abc",
                position=position,
                sha256=await self.images.put(image),
                mime="image/png",
                width=size[0],
                height=size[1],
                bytes=len(image),
                seed=7,
                recipe=Recipe(provider="sketch", model="sketch", endpoint="", work=WORK),
            )
            for position, image in enumerate(data, 1)
        ]
        again = Button("again:abc", "button.again")
        return Pictures("abc", tuple(kept), Text("caption.sketch", CAPTION), "a fox", (again,))


@asynccontextmanager
async def desk(
    telegram: TelegramEmulator, folder: Path, *, patience: float = 5, links: Links = NOWHERE
) -> AsyncGenerator[Desk]:
    """Open a messenger that talks to the emulator."""
    clock, images = Clock(), Images.open(f"file://{folder}")
    async with (
        TelegramBot(telegram.token, telegram.url, patience=patience) as bot,
        ImageWorker() as worker,
    ):
        limiter = Limiter(now=clock, sleep=clock.sleep)
        messenger = TelegramMessenger(bot, images, Chain(worker), limiter=limiter, links=links)
        yield Desk(messenger, images, clock)
