"""Telegram as one of the studio's platforms, from the first greeting to the last poll."""

import structlog
from telegram.error import TelegramError

from bot.intake import Intake
from bot.links import NOWHERE, Links
from bot.telegram_chat.inbound import PLATFORM, Reader
from bot.telegram_chat.limiter import Limiter
from bot.telegram_chat.menu import publish
from bot.telegram_chat.outbound import PACE, TelegramMessenger
from bot.telegram_chat.persistence import RIVAL, Persistence
from bot.telegram_chat.polling import Polling
from bot.telegram_chat.wire import PATIENCE, TelegramBot
from core.ports import Finishing, Health, ImageStore, Messenger, Pace
from core.studio import Studio

log = structlog.get_logger(__name__)

CHECK_PATIENCE = 10.0
"""Seconds that a health check waits."""


class Telegram:
    """One bot: its messenger answers what its `run` takes in."""

    def __init__(
        self,
        token: str,
        url: str,
        *,
        limiter: Limiter | None = None,
        pace: Pace = PACE,
        persistence: Persistence | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Make a bot; `patience` is how many seconds it waits for an answer of Telegram's."""
        self.name = PLATFORM
        self._token = token
        self._url = url
        self._bot = TelegramBot(token, url, patience=patience)
        self._limiter = limiter or Limiter()
        self._pace = pace
        self._persistence = persistence or Persistence()

    def messenger(
        self, images: ImageStore, finishing: Finishing, links: Links = NOWHERE
    ) -> Messenger:
        """Make its way out; what Telegram takes for no photo goes down the ladder."""
        return TelegramMessenger(
            self._bot,
            images,
            finishing,
            limiter=self._limiter,
            pace=self._pace,
            links=links,
        )

    async def run(self, studio: Studio, intake: Intake) -> None:
        """Take asks in until cancelled; raise ConfigError when the token is wrong or in use."""
        try:
            await self._persistence.until_done(self._introduce)
            await self._publish_menu(studio)
            await self._persistence.until_done(lambda: intake.take_up(PLATFORM))
            reader = Reader(self._bot.id, self._bot.username, studio.commands)
            await Polling(self._bot, reader, intake, self._persistence).run()
        finally:
            await self._bot.shutdown()

    async def check(self) -> Health:
        """Find out whether Telegram knows the token, without touching the poll.

        Only who polls can know that another program does so too.
        """
        if self._bot.contested:
            return Health(ok=False, detail=RIVAL)
        try:
            async with TelegramBot(self._token, self._url, patience=CHECK_PATIENCE) as bot:
                return Health(ok=True, detail=f"@{bot.username}")
        except TelegramError as error:
            return Health(ok=False, detail=error.message)

    async def _introduce(self) -> None:
        """Learn the bot's own name; a webhook of earlier days would keep updates away."""
        await self._bot.initialize()
        await self._bot.delete_webhook()

    async def _publish_menu(self, studio: Studio) -> None:
        try:
            await publish(self._bot, studio.commands)
        except TelegramError as error:
            log.warning("telegram_menu_not_published", error=error.message)
