"""Replies as words within a platform's room; how they are laid out is the platform's own."""

from collections.abc import Callable

from bot.strings import text, whole
from core.replies import Button, Pictures, Progress, Stage, Text

Length = Callable[[str], int]
WIDEST = 2
"""Units that one character takes at most."""
MINUTE = 60
LONG = 100
"""Seconds from which a wait is told in minutes."""


def utf16(words: str) -> int:
    """Count as Telegram and browsers do: in UTF-16 units."""
    return len(words.encode("utf-16-le")) // 2


def label(button: Button, locale: str) -> str:
    """Say what a button does."""
    return text(button.label, locale, button.values)


def status(progress: Progress, locale: str) -> str:
    """Say in one line how far a job is."""
    values = {
        "now": min(progress.done + 1, progress.total),
        "total": progress.total,
        "percent": progress.percent or 0,
        "position": progress.position or 0,
        "wait": _wait(progress.seconds or 0),
    }
    return text(f"status.{_status(progress)}", locale, values)


def _status(progress: Progress) -> str:
    if progress.stage is Stage.QUEUED:
        if not progress.position:
            return "queued"
        return "queued_at" if progress.seconds is None else "queued_for"
    if progress.stage is Stage.WAITING and progress.seconds is not None:
        return "waiting_for"
    if progress.stage is Stage.DRAWING and progress.percent is not None:
        return "drawing_percent"
    if progress.stage is Stage.DRAWING and progress.total > 1:
        return "drawing_of"
    return progress.stage


def _wait(seconds: int) -> str:
    """Write a rough time; its signs are the same in every language."""
    return f"{seconds} s" if seconds < LONG else f"{-(-seconds // MINUTE)} min"


def fitted(said: Text, locale: str, room: int, length: Length = len) -> str:
    """Say a text in `room`, shortening its prompt first so that the facts behind it stay."""
    words = whole(said, locale)
    if length(words) <= room:
        return words
    prompt = str(said.values.get("prompt", ""))
    over = length(words) - room + 1
    if length(prompt) > over:
        shorter = Text(
            said.key, {**said.values, "prompt": shortened(prompt, over, length)}, said.lines
        )
        return whole(shorter, locale)
    return shortened(words, over, length)


def shortened(words: str, by: int, length: Length = len) -> str:
    """Cut at least `by` units off the end and show that something was cut."""
    keep = length(words) - by
    while (over := length(words) - keep) > 0:
        words = words[: -max(1, over // WIDEST)]
    return f"{words}…"


def alt(reply: Pictures, position: int, locale: str) -> str:
    """Say what a picture shows, for whoever cannot see it."""
    total = len(reply.pictures)
    if total == 1:
        return reply.alt
    return text("caption.alt", locale, {"n": position, "total": total, "alt": reply.alt})
