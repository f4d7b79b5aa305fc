"""What was said, as the page gets it: plain text, links to pictures, buttons."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from bot import render
from bot.strings import text, whole
from core import grammar
from core.command import Command
from core.errors import StudioError
from core.picture import Picture
from core.ports import Message
from core.replies import (
    Accepted,
    Button,
    Form,
    Menu,
    Pictures,
    Progress,
    Removed,
    Reply,
    Text,
)

SIGNS = re.compile(r"^(?:[^\w\s]|\u2139)+\s+")
"""The emoji before a label, one of which counts as a letter: not every system can draw them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button; `picture` is the one it is about, 0 when it is about them all."""

    token: str
    label: str
    picture: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture of a line."""

    source: str
    name: str
    """What a saved copy is called."""
    width: int
    height: int
    bytes: int
    alt: str
    facts: str
    """What tells it from the pictures beside it."""
    recipe: str
    """All that makes it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of the thread.

    `key` names it for good: the same entry over the events and out of the history has the same.
    """

    key: str
    at: str
    who: Literal["person", "studio"] = "studio"
    text: str = ""
    recipe: str = ""
    pressed: bool = False
    """A person's, but no words of theirs."""
    question: bool = False
    """The next words answer it."""
    job: str = ""
    removes: str = ""
    """A job whose lines are to leave the thread."""
    shots: tuple[Shot, ...] = ()
    as_files: bool = False
    buttons: tuple[Press, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLine:
    """How far a job is."""

    job: str
    text: str
    percent: int | None
    token: str
    cancel: str


def answer_key(request: str) -> str:
    """Name the answer to a request."""
    return f"re:{request}"


def kept(message: Message, locale: str, commands: Iterable[type[Command]]) -> Line | None:
    """Render a row of the history; what was only a receipt is not shown."""
    if message.reply is None:
        return asked(message.request, message.asked, message.at, locale, commands)
    key = answer_key(message.request) if message.request else "".join(message.platform_ids[:1])
    return told(key or f"row:{message.id}", message.reply, message.at, locale)


def asked(
    key: str, words: str, at: datetime, locale: str, commands: Iterable[type[Command]]
) -> Line:
    """Render what a person said; what buttons say in ids, by what it does."""
    line = Line(key=key, at=at.isoformat(), who="person", text=words.removeprefix("/imagine "))
    if not words.startswith("/"):
        return line
    try:
        command = grammar.parse(words, commands)
    except StudioError:
        return line
    if command.words_field() or len(command.record()) == 1:
        return line
    return replace(line, text=text(f"command.{command.name}", locale), pressed=True)


def told(key: str, reply: Reply, at: datetime, locale: str) -> Line | None:
    """Render what the studio said."""
    line = Line(key=key, at=at.isoformat())
    match reply:
        case Text():
            return replace(line, text=whole(reply, locale))
        case Menu():
            return replace(
                line, text=whole(reply.text, locale), buttons=_presses(reply.buttons, locale)
            )
        case Form():
            return replace(line, text=whole(reply.question, locale), question=True)
        case Removed():
            return replace(line, text=whole(reply.text, locale), removes=reply.job)
        case Pictures():
            return _pictures(line, reply, locale)
        case Accepted():
            return replace(line, text=whole(reply.text, locale)) if reply.text else None
        case Progress():
            return None
        case _:
            assert_never(reply)


def status(progress: Progress, locale: str) -> StatusLine:
    """Render a status line; without a percentage, the finished pictures tell it."""
    percent = progress.percent
    if percent is None and progress.done:
        percent = 100 * progress.done // progress.total
    return StatusLine(
        job=progress.job,
        text=render.status(progress, locale),
        percent=percent,
        token=progress.token,
        cancel=SIGNS.sub("", text("button.stop", locale)),
    )


def _pictures(line: Line, reply: Pictures, locale: str) -> Line:
    prompt, _, recipe = whole(reply.caption, locale).partition("\n")
    return replace(
        line,
        text=prompt,
        recipe=recipe,
        job=reply.job,
        shots=tuple(_shot(reply, picture, locale) for picture in reply.pictures),
        as_files=reply.as_files,
        buttons=_presses(reply.buttons, locale),
    )


def _shot(reply: Pictures, picture: Picture, locale: str) -> Shot:
    seed = "–" if picture.seed is None else picture.seed
    own = {"width": picture.width, "height": picture.height, "seed": seed}
    caption = Text(reply.caption.key, {**reply.caption.values, **own})
    ending = picture.mime.rpartition("/")[2].replace("jpeg", "jpg")
    return Shot(
        source=f"/images/{picture.sha256}",
        name=f"{picture.job}-{picture.position}.{ending}",
        width=picture.width,
        height=picture.height,
        bytes=picture.bytes,
        alt=render.alt(reply, picture.position, locale),
        facts=text("web.facts", locale, own),
        recipe=whole(caption, locale).partition("\n")[2],
    )


def _presses(buttons: Iterable[Button], locale: str) -> tuple[Press, ...]:
    return tuple(
        Press(
            token=button.token,
            label=SIGNS.sub("", render.label(button, locale)),
            picture=int(button.values.get("n", 0)),
        )
        for button in buttons
    )
