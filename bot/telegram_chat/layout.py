"""How replies look in Telegram: words, rows of buttons, files."""

from collections.abc import Iterable
from itertools import groupby

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.render import fitted, label, status, utf16
from core.picture import Picture
from core.replies import Accepted, Button, Form, Menu, Progress, Removed, Text

CAPTION = 1024
WORDS = 4096
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000
"""Width and height together."""
PHOTO_RATIO = 20
NUMBERED_IN_A_ROW = 5
PLAIN_IN_A_ROW = 3

Said = Text | Menu | Form | Progress | Accepted | Removed
Markup = InlineKeyboardMarkup | ForceReply | None


def words(reply: Said, locale: str) -> str:
    """Say a reply in the room of one message."""
    if isinstance(reply, Progress):
        return status(reply, locale)
    text = reply.question if isinstance(reply, Form) else reply
    text = text if isinstance(text, Text) else text.text
    return fitted(text, locale, WORDS, utf16) if text else ""


def markup(reply: Said, locale: str) -> Markup:
    """Choose what stands under a reply."""
    if isinstance(reply, Form):
        return ForceReply(selective=True)
    if isinstance(reply, Menu):
        return keyboard(reply.buttons, locale)
    return stop(reply, locale) if isinstance(reply, Progress) else None


def stop(progress: Progress, locale: str) -> InlineKeyboardMarkup | None:
    """Offer to cancel a job under its status line."""
    return keyboard([Button(progress.token, "button.stop")] if progress.token else [], locale)


def keyboard(buttons: Iterable[Button], locale: str) -> InlineKeyboardMarkup | None:
    """Lay buttons out: numbered ones of a kind side by side, those without values together."""
    rows = [
        [InlineKeyboardButton(label(one, locale), callback_data=one.token) for one in row]
        for _, kind in groupby(buttons, _kind)
        for row in _rows(list(kind))
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def _kind(button: Button) -> str:
    return button.label if button.values else ""


def _rows(kind: list[Button]) -> list[list[Button]]:
    values = kind[0].values
    width = NUMBERED_IN_A_ROW if "n" in values else 1 if values else PLAIN_IN_A_ROW
    return [kind[start : start + width] for start in range(0, len(kind), width)]


def fits_as_photo(picture: Picture) -> bool:
    """Whether Telegram takes a picture as a photo."""
    long, short = max(picture.width, picture.height), min(picture.width, picture.height)
    sides = picture.width + picture.height
    light = picture.bytes <= PHOTO_BYTES
    return light and sides <= PHOTO_SIDES and long <= PHOTO_RATIO * short


def file_name(picture: Picture) -> str:
    """Name a picture for whoever saves it."""
    return f"nano-banana-{picture.job}-{picture.position}.{picture.mime.rpartition('/')[2]}"
