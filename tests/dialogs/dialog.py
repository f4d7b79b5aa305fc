"""One conversation, whatever the surface: what a person does, and what they get to see."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Found = TypeVar("Found")

DEADLINE = 30.0
"""Seconds that an answer may take on a busy machine."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One answer of the studio as it stands there now."""

    place: str
    """What the surface calls it."""
    text: str
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    buttons: Mapping[str, str] = field(default_factory=dict[str, str])
    """Label -> what the surface sends when it is pressed."""


async def come_true(condition: Callable[[], object]) -> None:
    """Wait for something that nobody announces; raise TimeoutError when it does not come."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110  nobody announces it
            await asyncio.sleep(0.01)


class Dialog(ABC):
    """A person's side of a conversation."""

    def __init__(self) -> None:
        self._minded: list[Heard] = []

    @abstractmethod
    async def say(self, words: str, *, answering: Heard | None = None) -> None:
        """Write something, perhaps as the answer to a question."""

    @abstractmethod
    async def push(self, heard: Heard, sent: str) -> None:
        """Press one button."""

    @abstractmethod
    def seen(self) -> Sequence[Heard]:
        """List what the studio said and still stands there, oldest first."""

    @abstractmethod
    async def until(self, found: Callable[[], Found | None]) -> Found:
        """Look after every change until something true is found, or raise TimeoutError."""

    @property
    def pictures(self) -> list[bytes]:
        """Every picture that can be seen now."""
        return [picture for heard in self.seen() for picture in heard.pictures]

    async def press(self, label: str, *, times: int = 1) -> None:
        """Press the newest button with this label, whatever sign stands before it."""
        heard, sent = await self._look(lambda: self._button(label), f"a button {label!r}")
        for _ in range(times):
            await self.push(heard, sent)

    async def expect(self, text: str = "", *, pictures: int = 0) -> Heard:
        """Wait for an answer that was not expected before, with this text and so many pictures."""
        wanted = f"{pictures} pictures and {text!r}"
        heard = await self._look(lambda: self._answer(text, pictures), wanted)
        self._minded.append(heard)
        return heard

    async def gone(self, heard: Heard) -> None:
        """Wait until an answer's pictures stand there no more."""
        await self._look(lambda: not set(heard.pictures) & set(self.pictures), "no such picture")

    async def _look(self, found: Callable[[], Found | None], wanted: str) -> Found:
        try:
            return await self.until(found)
        except TimeoutError:
            shown = "\n".join(map(repr, self.seen())) or "(nothing)"
            raise AssertionError(f"waited for {wanted}; there is\n{shown}") from None

    def _answer(self, text: str, pictures: int) -> Heard | None:
        fitting = (
            heard
            for heard in self.seen()
            if text in heard.text and len(heard.pictures) == pictures and heard not in self._minded
        )
        return next(fitting, None)

    def _button(self, label: str) -> tuple[Heard, str] | None:
        for heard in reversed(self.seen()):
            for name, sent in heard.buttons.items():
                if name.endswith(label):
                    return heard, sent
        return None
