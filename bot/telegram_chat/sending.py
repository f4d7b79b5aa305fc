"""Sending one message: at a bearable rate, and to where its chat is now."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import structlog
from telegram import Message, ReplyParameters
from telegram.error import ChatMigrated, TelegramError

from bot.telegram_chat.failures import TOPIC_SHUT, failure, says, unheard
from bot.telegram_chat.limiter import Limiter
from bot.telegram_chat.wire import Flooded
from core.context import Address

log = structlog.get_logger(__name__)

LONGEST_HOLD = 60.0
"""Seconds that a patient message waits when Telegram asks for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None

    @classmethod
    def of(cls, address: Address) -> Self:
        """Read an address of the core."""
        chat = address.chat
        return cls(
            int(chat.id),
            int(chat.thread) if chat.thread else None,
            int(address.reply_to) if address.reply_to else None,
        )

    def arguments(self) -> dict[str, Any]:
        """Write it as the client takes it; what is answered may be gone by now."""
        reply = None
        if self.reply_to is not None:
            reply = ReplyParameters(self.reply_to, allow_sending_without_reply=True)
        return {
            "chat_id": self.chat,
            "message_thread_id": self.thread,
            "reply_parameters": reply,
        }

    def after(self, error: TelegramError) -> Self | None:
        """Find the next best place when this one is gone."""
        if isinstance(error, ChatMigrated):
            return replace(self, chat=error.new_chat_id, thread=None, reply_to=None)
        if self.thread is not None and says(error, *TOPIC_SHUT):
            return replace(self, thread=None)
        return None


Call = Callable[[Place], Awaitable[tuple[Message, ...]]]


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends within the limits."""

    limiter: Limiter

    async def send(
        self, place: Place, call: Call, *, count: int = 1, patient: bool = True
    ) -> tuple[Message, ...]:
        """Send until Telegram says yes; raise DeliveryFailed when it says no.

        Nothing comes back of a message whose answer was lost: it may be there. A patient message
        sits out a flood; the others have somebody who sends them again. What counts for nothing
        is no message, or was counted with one before.
        """
        while True:
            await self._turn(place.chat, count)
            try:
                return await call(place)
            except Flooded as error:
                self.limiter.hold(place.chat, error.seconds)
                if not patient or error.seconds > LONGEST_HOLD:
                    raise failure(error) from error
            except TelegramError as error:
                if unheard(error):
                    log.warning("telegram_answer_lost", chat=place.chat)
                    return ()
                moved = place.after(error)
                if moved is None:
                    raise failure(error) from error
                place = moved

    async def _turn(self, chat: int, count: int) -> None:
        if count:
            await self.limiter.message(chat, count)
        else:
            await self.limiter.calm(chat)
