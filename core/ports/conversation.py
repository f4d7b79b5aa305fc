"""What was said: asked, answered, and still to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.context import Ask, Chat, Context, User
from core.job import Status
from core.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing said in a chat: words asked, or a reply."""

    id: int
    chat: Chat
    user: User | None
    """Who asked; None for the studio's own."""
    at: datetime
    request: str = ""
    """The asking that it is, or answers; empty for what the outbox told."""
    asked: str = ""
    reply: Reply | None = None
    job: str = ""
    platform_ids: tuple[str, ...] = ()


class Inbox(Protocol):
    """What was asked, committed before it is confirmed to the platform."""

    async def put(self, asks: Sequence[Ask], now: datetime) -> tuple[Ask, ...]:
        """Keep the asks; return those that are new."""
        ...

    async def get(self, request: str) -> Ask | None:
        """Find an ask by its request."""
        ...

    async def keep(self, ask: Ask) -> None:
        """Put an ask whose pictures were taken in in the place of the one that came."""
        ...

    async def handled(self, request: str, now: datetime) -> None:
        """Note that an ask was answered."""
        ...

    async def waiting(self) -> tuple[Ask, ...]:
        """List what was never answered, oldest first."""
        ...


class History(Protocol):
    """What was said, per platform, chat and thread."""

    async def asked(self, context: Context, words: str, now: datetime) -> None:
        """Record what a person said."""
        ...

    async def answered(
        self,
        chat: Chat,
        reply: Reply,
        now: datetime,
        *,
        request: str = "",
        platform_ids: Sequence[str] = (),
    ) -> int:
        """Record what the studio said; return the message's id."""
        ...

    async def reply_to(self, request: str) -> Message | None:
        """Find the answer that a request already had."""
        ...

    async def sent(self, message_id: int, platform_ids: Sequence[str]) -> None:
        """Note the platform's ids of a message."""
        ...

    async def find(self, chat: Chat, platform_id: str) -> Message | None:
        """Find the message that a platform calls so."""
        ...

    async def page(self, chat: Chat, limit: int, before: int | None = None) -> tuple[Message, ...]:
        """List the last messages of a chat, oldest of them first."""
        ...

    async def messages_of_job(self, job_id: str) -> tuple[Message, ...]:
        """List where a job was shown."""
        ...

    async def forget_job(self, job_id: str) -> None:
        """Drop the messages that showed a job."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A promise to tell the chat how a job ended."""

    job: str
    ending: Status
    """The state that is to be told; a job in doubt may end a second time."""
    promised_at: datetime
    """Tells a promise from a later one about the same state."""
    attempts: int
    due_at: datetime
    error: str = ""


class Outbox(Protocol):
    """Results that the platform has not yet said yes to; one promise per job and ending."""

    async def put(self, job_id: str, now: datetime) -> None:
        """Promise to tell how the job ended, in place of an older promise about it.

        What is said of a job in doubt changes while it is in doubt: it is promised each time anew.
        """
        ...

    async def due(
        self, now: datetime, platforms: Sequence[str], limit: int
    ) -> tuple[Delivery, ...]:
        """List promises to these platforms whose time has come, oldest first."""
        ...

    async def next_due(self, after: datetime, platforms: Sequence[str]) -> datetime | None:
        """Tell when the first promise that is not yet due will be."""
        ...

    async def delivered(self, delivery: Delivery, now: datetime) -> None:
        """Note the platform's yes."""
        ...

    async def postpone(self, delivery: Delivery, due_at: datetime, error: str) -> None:
        """Try again later."""
        ...

    async def restore(self, delivery: Delivery) -> None:
        """Make a promise again what it was."""
        ...

    async def give_up(self, delivery: Delivery, now: datetime, error: str) -> None:
        """Note that no way is left to tell this chat."""
        ...

    async def revive(self, user: User, chat: Chat, since: datetime) -> tuple[str, ...]:
        """Make due again what this chat was closed for; return the jobs.

        Only what was promised since then about this person's jobs.
        """
        ...

    async def withdraw(self, delivery: Delivery, now: datetime) -> None:
        """Close a promise whose job has gone on."""
        ...

    async def given_up(self, since: datetime) -> tuple[Delivery, ...]:
        """List promises that no way was left to keep, the last given up first."""
        ...
