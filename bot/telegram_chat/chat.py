"""The studio's life in Telegram, from the first greeting to the last poll."""

import structlog
from telegram.error import TelegramError

from bot.intake import Intake
from bot.telegram_chat.inbound import PLATFORM, Reader
from bot.telegram_chat.menu import publish
from bot.telegram_chat.persistence import Persistence
from bot.telegram_chat.polling import Polling
from bot.telegram_chat.wire import TelegramBot
from core.ports import Health
from core.studio import Studio

log = structlog.get_logger(__name__)


class TelegramChat:
    """A studio that takes asks from Telegram; its messenger answers them."""

    def __init__(
        self,
        bot: TelegramBot,
        studio: Studio,
        intake: Intake,
        *,
        persistence: Persistence | None = None,
    ) -> None:
        self._bot = bot
        self._studio = studio
        self._intake = intake
        self._persistence = persistence or Persistence()

    async def run(self) -> None:
        """Take asks in until cancelled; raise ConfigError when the token is wrong or in use."""
        try:
            await self._persistence.until_done(self._introduce)
            await self._publish_menu()
            await self._intake.take_up(PLATFORM)
            reader = Reader(self._bot.id, self._bot.username, self._studio.commands)
            await Polling(self._bot, reader, self._intake, self._persistence).run()
        finally:
            await self._bot.shutdown()

    async def _introduce(self) -> None:
        """Learn the bot's own name; a webhook of earlier days would keep updates away."""
        await self._bot.initialize()
        await self._bot.delete_webhook()

    async def _publish_menu(self) -> None:
        try:
            await publish(self._bot, self._studio.commands)
        except TelegramError as error:
            log.warning("telegram_menu_not_published", error=error.message)


async def check(bot: TelegramBot) -> Health:
    """Find out whether Telegram knows the token."""
    try:
        async with bot:
            return Health(ok=True, detail=f"@{bot.username}")
    except TelegramError as error:
        return Health(ok=False, detail=error.message)
