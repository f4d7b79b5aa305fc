"""A platform's way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.context import Address, Attachment, User
from core.replies import Progress, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a platform's status line may move, in seconds."""

    first_after: float
    """Shorter waits get no status line at all."""
    every: float
    typing_every: float | None = None
    look_every: float | None = None
    """How often to look whether another process changed a job of this platform."""


class Messenger(Protocol):
    """A platform's way out. Failures become DeliveryFailed; the outbox retries."""

    @property
    def pace(self) -> Pace:
        """How often its status line may move."""
        ...

    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        """Say it in the chat, in place of the status line `replaces`; return the messages' ids.

        The same `nonce` twice is shown once where the platform can tell.
        """
        ...

    async def edit(
        self, address: Address, message: str, progress: Progress, *, locale: str
    ) -> None:
        """Move a status line on."""
        ...

    async def delete(self, address: Address, messages: Sequence[str]) -> None:
        """Take messages back; what is gone already is no error.

        A message of another chat is named by that chat's id, a slash and its own.
        """
        ...

    async def typing(self, address: Address) -> None:
        """Show that the studio is at work, where the platform has a way to."""
        ...

    def private(self, user: User, request: str) -> Address:
        """Tell where one person can be told, in private, what they did not ask for.

        `request` names what is told: the same twice is shown once where the platform can tell.
        """
        ...

    async def moderates(self, address: Address, user: User) -> bool:
        """Tell whether this person may delete there what others wrote; False when in doubt."""
        ...

    async def fetch(self, attachment: Attachment) -> bytes:
        """Read a file that came with the words."""
        ...
