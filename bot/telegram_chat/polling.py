"""The long poll: what is asked is committed before Telegram is told that it arrived."""

import asyncio
from collections.abc import Iterable, Sequence

import structlog
from telegram.error import TelegramError

from bot.intake import Intake
from bot.telegram_chat.inbound import Reader
from bot.telegram_chat.persistence import Persistence
from bot.telegram_chat.update import Update, number, read
from bot.telegram_chat.wire import TelegramBot
from core.context import Ask
from core.errors import StorageError
from core.replies import Text

log = structlog.get_logger(__name__)

LONG_POLL = 50
"""Seconds that Telegram holds a poll until there is news; it allows no more."""
ANSWER_WITHIN = 5.0
"""Seconds for telling a button that it was pressed; the next poll waits for this."""


class Polling:
    """Takes in what people ask in Telegram."""

    def __init__(
        self, bot: TelegramBot, reader: Reader, intake: Intake, persistence: Persistence
    ) -> None:
        self._bot = bot
        self._reader = reader
        self._intake = intake
        self._persistence = persistence
        self._offset = 0
        self._regretted: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Poll until cancelled; raise ConfigError when another program was here first.

        Of two polls Telegram ends the older one, so both programs hear of each other. Who has just
        begun ends; who was here goes on.
        """
        began = asyncio.get_running_loop().time()
        while True:
            await self._persistence.until_done(self._once, began)

    async def _once(self) -> None:
        """Take in what came; only the next poll, with the higher offset, confirms it."""
        came = await self._bot.updates(self._offset, LONG_POLL)
        updates = [update for update in map(read, came) if update is not None]
        if len(updates) < len(came):
            log.warning("telegram_updates_not_understood", count=len(came) - len(updates))
        asks = [ask for ask in map(self._reader.ask, updates) if ask is not None]
        if asks:
            self._intake.start(await self._kept(asks))
        await self._answer(updates)
        self._offset = _after(came, self._offset)

    async def _kept(self, asks: Sequence[Ask]) -> tuple[Ask, ...]:
        """Commit asks; while that fails, Telegram keeps them, and each person hears so once."""
        try:
            new = await self._intake.put(asks)
        except StorageError as error:
            news = [ask for ask in asks if ask.context.request not in self._regretted]
            self._regretted = frozenset(ask.context.request for ask in asks)
            await self._intake.regret(news, error, Text("telegram.later"))
            raise
        self._regretted = frozenset()
        return new

    async def _answer(self, updates: Iterable[Update]) -> None:
        """Tell pressed buttons that they were pressed; too late is no error."""
        pressed = [one.callback_query.id for one in updates if one.callback_query is not None]
        await asyncio.gather(*map(self._answer_one, pressed))

    async def _answer_one(self, press: str) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._bot.answer_callback_query(press)
        except (TelegramError, TimeoutError) as error:
            log.info("telegram_press_not_answered", error=str(error))


def _after(came: Sequence[object], offset: int) -> int:
    """Follow the numbers as they come: after a quiet week Telegram starts anywhere."""
    if not came:
        return offset
    numbers = [one for one in map(number, came) if one is not None]
    if not numbers:
        raise TelegramError("Updates without a number")
    return numbers[-1] + 1
