"""What Telegram's refusals mean for a message."""

import httpx
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.ladder import Reason
from bot.telegram_chat.wire import Flooded, TooHeavy
from core.errors import ChatClosed, DeliveryFailed

TOO_LARGE = (
    "photo_invalid_dimensions",
    "image_process_failed",
    "too big for a photo",
    "file is too big",
)
TOPIC_SHUT = ("message thread not found", "topic_closed")
CHAT_GONE = "chat not found"
NO_RIGHTS = ("not enough rights", "have no rights", "_forbidden", "topic_closed")
"""Of a picture as of words: `_forbidden` ends CHAT_SEND_PHOTOS_FORBIDDEN and its kind."""
ALREADY_SO = ("message is not modified", "message to edit not found")
ALREADY_GONE = ("message to delete not found", "message can't be deleted")


def says(error: TelegramError, *reasons: str) -> bool:
    """Whether Telegram refused for one of these reasons."""
    told = error.message.lower()
    return isinstance(error, BadRequest) and any(reason in told for reason in reasons)


def not_taken(error: TelegramError) -> Reason | None:
    """Tell why Telegram does not take pictures in this shape, if that is what it said."""
    if isinstance(error, TooHeavy) or says(error, *TOO_LARGE):
        return Reason.SIZE
    return Reason.FORBIDDEN if says(error, *NO_RIGHTS) else None


def unheard(error: TelegramError) -> bool:
    """Whether Telegram took the message and only its answer was lost: it may be there.

    A timeout while connecting, uploading or waiting for a connection is not that; past the deadline
    of the whole exchange nobody knows.
    """
    torn = type(error) is TelegramError and error.message == "Invalid server response"
    return torn or isinstance(error.__cause__, httpx.ReadTimeout | TimeoutError)


def unanswered(error: TelegramError) -> bool:
    """Whether no connection came about, or none on which anything moved."""
    return isinstance(error.__cause__, httpx.ConnectError | httpx.TimeoutException)


def failure(error: TelegramError) -> DeliveryFailed:
    """Tell the outbox whether and when to try again."""
    if isinstance(error, Flooded):
        return DeliveryFailed("telegram.flooded", retry_after=error.seconds)
    if isinstance(error, Forbidden) or says(error, CHAT_GONE, *NO_RIGHTS):
        return ChatClosed("telegram")
    if isinstance(error, BadRequest):
        return DeliveryFailed("telegram.refused")
    return DeliveryFailed("telegram.unreachable", unreachable=unanswered(error))
