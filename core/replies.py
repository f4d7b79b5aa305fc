"""What the core says back: keys and references only; each platform finds the words and the room."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from core.errors import Values
from core.picture import Picture


@dataclass(frozen=True, slots=True)
class Text:
    """Words by key, with the lines that follow them."""

    key: str
    values: Values = field(default_factory=dict[str, str | int | float | bool])
    lines: tuple["Text", ...] = ()
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Button:
    """A command written small (`token`) under a label by key."""

    token: str
    label: str
    values: Values = field(default_factory=dict[str, str | int | float | bool])


@dataclass(frozen=True, slots=True)
class Menu:
    """Words and the buttons that answer them."""

    text: Text
    buttons: tuple[Button, ...]
    kind: Literal["menu"] = "menu"


@dataclass(frozen=True, slots=True)
class Form:
    """A question whose answer fills one option of a command."""

    command: str
    option: str
    question: Text
    kind: Literal["form"] = "form"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Orders were taken or changed; from here on their status lines speak."""

    jobs: tuple[str, ...]
    text: Text | None = None
    taken: bool = True
    """False when they were there before and were only changed."""
    kind: Literal["accepted"] = "accepted"


class Stage(StrEnum):
    """Where a job is, in words a person understands."""

    WAITING = "waiting"
    """The provider takes no orders just now."""
    QUEUED = "queued"
    DRAWING = "drawing"
    FETCHING = "fetching"


@dataclass(frozen=True, slots=True)
class Progress:
    """The status line of a job that is not finished."""

    job: str
    stage: Stage = Stage.QUEUED
    done: int = 0
    total: int = 1
    percent: int | None = None
    position: int | None = None
    """Place in the studio's line, or in the provider's queue when it tells."""
    token: str = ""
    """What a cancel button says."""
    seconds: int | None = None
    """About how long until its turn, when that is known."""
    kind: Literal["progress"] = "progress"


@dataclass(frozen=True, slots=True)
class Pictures:
    """Finished pictures with their caption, in the order they were made."""

    job: str
    pictures: tuple[Picture, ...]
    caption: Text
    alt: str
    """The alternative text, the same for each picture but for its number."""
    buttons: tuple[Button, ...] = ()
    private: bool = False
    as_files: bool = False
    """Send the stored bytes as documents, so that no platform recompresses them."""
    kind: Literal["pictures"] = "pictures"


@dataclass(frozen=True, slots=True)
class Removed:
    """The messages of a job are gone from the chat; `text` says so to who asked."""

    job: str
    text: Text
    messages: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    """Content hashes that no other picture shares: their bytes go too."""
    kind: Literal["removed"] = "removed"


Reply = Text | Menu | Form | Accepted | Progress | Pictures | Removed
