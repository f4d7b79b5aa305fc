"""Replies as Discord shows them: words within its room, rows of buttons, files below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import discord
from discord.utils import escape_markdown, escape_mentions

from bot.render import fitted, label, status, utf16
from bot.strings import FALLBACK, phrases
from core.errors import Value
from core.replies import Button, Form, Menu, Pictures, Progress, Reply, Text

WORDS = 2000
LABEL = 80
TOKEN = 100
ROW = 5
ROWS = 5


@dataclass(frozen=True, slots=True)
class Upload:
    """A file below a message, with its alternative text."""

    name: str
    data: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message as it goes out; as an edit it replaces all that was there."""

    content: str
    locale: str
    rows: tuple[tuple[Button, ...], ...] = ()
    uploads: tuple[Upload, ...] = ()

    def view(self) -> discord.ui.View | None:
        """Draw the buttons; what they do stands in their tokens, so that they outlive a restart."""
        if not self.rows:
            return None
        view = discord.ui.View(timeout=None)
        for number, row in enumerate(self.rows):
            for button in row:
                words = label(button, self.locale)[:LABEL]
                view.add_item(discord.ui.Button(label=words, custom_id=button.token, row=number))
        return view

    def files(self) -> list[discord.File]:
        """Open the files; each sending needs its own."""
        return [
            discord.File(BytesIO(upload.data), upload.name, description=upload.alt)
            for upload in self.uploads
        ]


def sheet(
    reply: Reply, locale: str, uploads: Sequence[Upload] = (), above: str = "", below: str = ""
) -> Sheet:
    """Lay a reply out, between a line above it and one below."""
    room = WORDS - utf16(above) - utf16(below) - 2
    lines = (above, _words(reply, locale, room), below)
    return Sheet("\n".join(filter(None, lines)), locale, rows(_buttons(reply)), tuple(uploads))


def _words(reply: Reply, locale: str, room: int) -> str:
    if isinstance(reply, Progress):
        return status(reply, locale)
    said = _text(reply)
    return "" if said is None else fitted(plain(said), locale, room, utf16)


def _text(reply: Reply) -> Text | None:
    match reply:
        case Text():
            return reply
        case Pictures():
            return reply.caption
        case Form():
            return reply.question
        case Progress():
            return None
        case _:
            return reply.text


def _buttons(reply: Reply) -> tuple[Button, ...]:
    if isinstance(reply, Menu | Pictures):
        return reply.buttons
    if isinstance(reply, Progress) and reply.token:
        return (Button(reply.token, "button.stop"),)
    return ()


# --- words -------------------------------------------------------------------------------------


def plain(said: Text) -> Text:
    """Take all meaning from the signs in people's words: no bold, no links, no names called."""
    values = {name: _plain(value) for name, value in said.values.items()}
    return replace(said, values=values, lines=tuple(plain(line) for line in said.lines))


def _plain(value: Value) -> Value:
    if not isinstance(value, str) or _is_key(value):
        return value
    return escape_mentions(escape_markdown(value))


def _is_key(value: str) -> bool:
    return value.startswith("@") and value[1:] in phrases(FALLBACK)


# --- buttons -----------------------------------------------------------------------------------


def rows(buttons: Iterable[Button]) -> tuple[tuple[Button, ...], ...]:
    """Set buttons in rows: one kind after the other, those of their own kind together at the end.

    Ten pictures fill all five rows of five: two to vary, two to upscale, one for the rest.
    """
    kinds: dict[str, list[Button]] = {}
    for button in buttons:
        if len(button.token) <= TOKEN:
            kinds.setdefault(button.token.partition(":")[0], []).append(button)
    single = [one for kind in kinds.values() if len(kind) == 1 for one in kind]
    several = [row for kind in kinds.values() if len(kind) > 1 for row in _cut(kind)]
    last = _cut(single)[:ROWS]
    return (*several[: ROWS - len(last)], *last)


def _cut(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    return [tuple(buttons[start : start + ROW]) for start in range(0, len(buttons), ROW)]
