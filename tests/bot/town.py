"""A studio in Telegram, on Discord and in the web chat at once, and whom it has to tell."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from bot.discord_chat.platform import Discord
from bot.intake import Intake
from bot.web_chat.inbound import HOME
from bot.web_chat.outbound import WebMessenger
from bot.wiring import open_studio
from core.catalogue import Catalogue
from core.context import Address, Ask, Chat, Context, User
from core.ports import Finishing, ImageStore, Messenger, Provider
from core.providers.breaker import Breaker, Limits
from core.replies import Text
from core.studio import Studio
from core.worker.loop import Worker
from tests.bot.discord_chat.scene import PACE, TEMPO
from tests.bot.telegram_chat.home import ANNA, BORIS, platform
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN
from tests.emulators.telegram import TelegramEmulator
from tests.studio import Clock, settings_at

CARLA = 503
"""Never pressed Start in Telegram."""
ANN, BEN = 2, 3
"""On Discord; Ben takes no messages of the bot."""
WITH_BORIS = Chat("telegram", str(BORIS))
OPERATORS = {
    "NANO_BANANA_OPERATORS": f"telegram:{ANNA},telegram:{CARLA},discord:{ANN},discord:{BEN}",
    "NANO_BANANA_ACCESS": "everyone",
    "NANO_BANANA_ASKS_PER_MINUTE": "1000",
}
LIMITS = Limits(first_pause=0.1, longest_pause=0.2)


@dataclass(frozen=True)
class Town:
    """What a test says and reads."""

    telegram: TelegramEmulator
    discord: DiscordEmulator
    studio: Studio
    intake: Intake

    async def order(self, words: str, chat: Chat = WITH_BORIS) -> None:
        """Order a picture as if its platform had brought the words."""
        context = Context(
            request=f"{chat.platform}:{uuid4().hex}",
            address=Address(chat),
            user=User(chat.platform, chat.id),
        )
        ask = Ask(context=context, words=f"{words} --model flux-schnell")
        await self.intake.put([ask])
        self.intake.start([ask])

    async def notices(self) -> list[str]:
        """List whom a notice is still owed to."""
        async with self.studio.database.reading() as tx:
            return [ask.context.user.key for ask in await tx.inbox.waiting()]

    async def all_told(self) -> bool:
        """Tell whether nothing is owed to anybody any more."""
        return not await self.notices()

    def in_telegram(self, person: int, words: str) -> list[str]:
        """List what one person was told with these words in it."""
        said = [one.text for one in self.telegram.messages(person) if one.by_bot]
        return [text for text in said if words in text]

    def on_discord(self, person: int, words: str) -> list[str]:
        """List what one person was told in private with these words in it."""
        said = self.discord.messages(self.discord.dm(person))
        return [one.content for one in said if words in one.content]

    async def on_the_page(self, key: str) -> list[Text]:
        """List what the web chat keeps of this kind, below nothing that anybody asked."""
        async with self.studio.database.reading() as tx:
            page = await tx.history.page(HOME, 50)
        said = [one for one in page if isinstance(one.reply, Text) and one.reply.key == key]
        requests = {one.request for one in said}
        assert [one for one in page if one.request in requests] == said
        return [one.reply for one in said if isinstance(one.reply, Text)]


def settle(telegram: TelegramEmulator, discord: DiscordEmulator) -> None:
    """Introduce everybody; of these Boris alone runs nothing here."""
    for person, name in ((ANNA, "Anna"), (BORIS, "Boris"), (CARLA, "Carla")):
        telegram.user(person, name)
    telegram.dm(ANNA)
    telegram.dm(BORIS)
    discord.user(ANN, "ann")
    discord.user(BEN, "ben")
    discord.refuse_messages(BEN)


def half_past() -> Clock:
    """Set a clock to the middle of an hour, so that the next one does not begin in a test."""
    return Clock(timedelta(minutes=30 - datetime.now(UTC).minute))


@asynccontextmanager
async def town_at(
    folder: Path,
    telegram: TelegramEmulator,
    discord: DiscordEmulator,
    provider: Provider,
    clock: Clock,
    *,
    listening: bool = True,
) -> AsyncGenerator[Town]:
    """Open the studio; one that is not `listening` works, and dies before it speaks to anybody."""
    chats = (platform(telegram), Discord(TOKEN, folder, pace=PACE, tempo=TEMPO))
    web = WebMessenger(clock.now)

    def messengers(images: ImageStore, finishing: Finishing) -> Mapping[str, Messenger]:
        return {"web": web, **{one.name: one.messenger(images, finishing) for one in chats}}

    async with open_studio(settings_at(folder, **OPERATORS), messengers) as bare:
        providers = {one.name: one for one in (provider, bare.providers["sketch"])}
        studio = replace(
            bare,
            providers=providers,
            breakers={name: Breaker(one, LIMITS) for name, one in providers.items()},
            catalogue=Catalogue.load(list(providers)),
            now=clock.now,
        )
        async with asyncio.TaskGroup() as group:
            worker = Worker(studio)
            intake = Intake(studio, worker, group)
            working = group.create_task(worker.run())
            tasks = [group.create_task(intake.tell_notices())]
            if listening:
                tasks += [group.create_task(one.run(studio, intake)) for one in chats]
                await intake.take_up("web")
            yield Town(telegram, discord, studio, intake)
            working.cancel()
            await asyncio.wait({working})
            for task in tasks:
                task.cancel()
            intake.stop()
