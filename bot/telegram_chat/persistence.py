"""Trying again and again: Telegram may be out of reach for a while, at the start as well."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

import structlog
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.telegram_chat.wire import Flooded
from core.errors import ConfigError, StorageError

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

VARIABLE = "TELEGRAM_BOT_TOKEN"
UNKNOWN = "Telegram does not know this token; @BotFather shows the right one"
RIVAL = "another program uses this token; stop it, or give it a bot of its own"
DOUBLINGS = 10
"""After so many the longest wait is reached whatever the first one was."""


@dataclass(frozen=True, slots=True)
class Persistence:
    """Waits ever longer between tries, with jitter; times in seconds."""

    random: Random = field(default_factory=Random)
    first: float = 0.5
    longest: float = 5.0
    newcomer: float = 10.0
    """How long whoever has just begun to poll gives way to another program that polls, too."""

    async def until_done(self, act: Callable[[], Awaitable[Result]], began: float = 0.0) -> Result:
        """Do something until it is done.

        `began` is when the polling did, in the time of the event loop.

        Raises:
            ConfigError: the token is wrong, or another program was here first.
        """
        attempt = 0
        while True:
            try:
                return await act()
            except InvalidToken as error:
                raise ConfigError(VARIABLE, UNKNOWN) from error
            except Conflict as error:
                if asyncio.get_running_loop().time() - began < self.newcomer:
                    raise ConfigError(VARIABLE, RIVAL) from error
                wait = self._wait(error, attempt)
                told = {"error": error.message, "remedy": f"{VARIABLE}: {RIVAL}"}
                log.warning("telegram_polled_twice", **told, seconds=round(wait, 1))
            except (TelegramError, StorageError) as error:
                wait = self._wait(error, attempt)
                log.warning("telegram_tried_again", error=str(error), seconds=round(wait, 1))
            await asyncio.sleep(wait)
            attempt += 1

    def _wait(self, error: Exception, attempt: int) -> float:
        if isinstance(error, Flooded):
            return error.seconds
        most = min(self.longest, self.first * 2 ** min(attempt, DOUBLINGS))
        return self.random.uniform(most / 2, most)
