"""Every protocol that the core needs from outside."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from core.budget import Cap, Period, Price, Scope
from core.catalogue import ModelSpec
from core.context import Address, Ask, Attachment, Chat, Context, User
from core.job import Job, Remote, Status
from core.picture import Picture
from core.replies import Progress, Reply
from core.work import Work

# --- the database ------------------------------------------------------------------------------


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


class Jobs(Protocol):
    """The ledger of orders."""

    async def add(self, job: Job) -> None:
        """Keep a new job; (request, number) is unique."""
        ...

    async def get(self, job_id: str) -> Job | None:
        """Find a job."""
        ...

    async def of_request(self, request: str) -> tuple[Job, ...]:
        """List the jobs of one asking by number."""
        ...

    async def save(self, job: Job, was: Job) -> None:
        """Write a step; raise Conflict when the row is no longer in the state of `was`."""
        ...

    async def with_remote(self, provider: str, remote_id: str) -> Job | None:
        """Find the one job that a provider's name for it belongs to."""
        ...

    async def set_status_message(self, job_id: str, message: str) -> None:
        """Remember the status line, whatever state the job is in."""
        ...

    async def ask_to_cancel(self, job_id: str) -> None:
        """Note that its owner wants it cancelled."""
        ...

    async def open(self, platforms: Sequence[str]) -> tuple[Job, ...]:
        """List what a restart takes up again for these platforms, oldest first."""
        ...

    async def recent(self, user: User, limit: int) -> tuple[Job, ...]:
        """List a person's newest jobs, newest first."""
        ...


class Pictures(Protocol):
    """Which image belongs to which job."""

    async def add(self, pictures: Sequence[Picture]) -> None:
        """Keep finished pictures."""
        ...

    async def sent(self, sha256: str, chat: Chat, now: datetime) -> None:
        """Note that a person sent this picture to a chat."""
        ...

    async def of_job(self, job_id: str) -> tuple[Picture, ...]:
        """List a job's pictures by position."""
        ...

    async def forget(self, job_id: str) -> tuple[str, ...]:
        """Drop a job's pictures; return the hashes that no other row shares."""
        ...

    async def known(self, sha256: str, chat: Chat) -> bool:
        """Tell whether a picture was made or sent in this chat."""
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


class Ledger(Protocol):
    """Money: append-only entries of holds, settlements and releases.

    Its day never goes back: when the clock does, the newest day that was seen still counts.
    """

    async def hold(self, job: Job, caps: Sequence[Cap], now: datetime) -> bool:
        """Reserve the job's `hold` in one statement; False when a cap would be passed."""
        ...

    async def settle(self, job_id: str, cost: int, now: datetime) -> None:
        """Replace the hold by what it did cost."""
        ...

    async def release(self, job_id: str, now: datetime) -> None:
        """Give the hold back."""
        ...

    async def today(self, now: datetime) -> date:
        """Name the day on which money counts now."""
        ...

    async def spent(self, scope: Scope, period: Period, now: datetime) -> int:
        """Sum what is spent or held, in micro-dollars."""
        ...

    async def by_model(self, scope: Scope, now: datetime) -> tuple[tuple[str, int], ...]:
        """Sum this month's spending per model, the dearest first."""
        ...

    async def by_day(self, scope: Scope, limit: int) -> tuple[tuple[date, int], ...]:
        """Sum the spending of the newest days, newest first."""
        ...


class Budgets(Protocol):
    """The caps that operators have set, and who was told that little is left."""

    async def of(self, scopes: Sequence[Scope]) -> tuple[Cap, ...]:
        """List the caps of these scopes."""
        ...

    async def all(self) -> tuple[Cap, ...]:
        """List every cap."""
        ...

    async def set(self, cap: Cap, by: User, now: datetime) -> None:
        """Keep a cap, in place of an older one for the same scope and period."""
        ...

    async def remove(self, scope: Scope, period: Period) -> None:
        """Drop a cap, so that what the settings say counts again."""
        ...

    async def first_notice(self, user: User, day: date) -> bool:
        """Note that this person is told today; False when they were told already."""
        ...


class Access(Protocol):
    """Whom operators have allowed or denied to spend, and their invitations."""

    async def rules(self, scopes: Sequence[Scope]) -> Mapping[Scope, bool]:
        """Read which of these scopes are allowed (True) or denied (False)."""
        ...

    async def set(self, scope: Scope, by: str, now: datetime, *, allowed: bool) -> None:
        """Allow or deny a scope; the newest word counts."""
        ...

    async def remove(self, scope: Scope) -> None:
        """Forget what was said about a scope."""
        ...

    async def invite(self, digest: str, by: User, now: datetime, until: datetime) -> None:
        """Keep an invitation by the SHA-256 of its code."""
        ...

    async def redeem(self, digest: str, by: User, now: datetime) -> str | None:
        """Use an invitation up and name who made it; None when it is not good."""
        ...


class Prices(Protocol):
    """What providers said last about their prices; it goes before the catalogue."""

    async def put(self, told: Sequence[Price], now: datetime) -> None:
        """Keep prices in place of older ones."""
        ...

    async def get(self, endpoint: str) -> Price | None:
        """Find the price of an endpoint."""
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

    async def give_up(self, delivery: Delivery, now: datetime, error: str) -> None:
        """Note that no way is left to tell this chat."""
        ...


class Callbacks(Protocol):
    """What providers called back with, each message once."""

    async def put(self, provider: str, callback: "Callback", job_id: str, now: datetime) -> bool:
        """Keep a verified message; False when it was used before."""
        ...

    async def of_job(self, job_id: str) -> tuple[str, ...]:
        """List the providers' names that messages about a job gave for it."""
        ...


class UnitOfWork(Protocol):
    """One transaction over all tables."""

    @property
    def inbox(self) -> Inbox:
        """What was asked."""
        ...

    @property
    def jobs(self) -> Jobs:
        """The orders."""
        ...

    @property
    def pictures(self) -> Pictures:
        """What was made."""
        ...

    @property
    def history(self) -> History:
        """What was said."""
        ...

    @property
    def ledger(self) -> Ledger:
        """What it cost."""
        ...

    @property
    def budgets(self) -> Budgets:
        """What it may cost."""
        ...

    @property
    def access(self) -> Access:
        """Who may spend."""
        ...

    @property
    def prices(self) -> Prices:
        """What providers ask for."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What is still to be told."""
        ...

    @property
    def callbacks(self) -> Callbacks:
        """What providers said on their own."""
        ...


class Database(Protocol):
    """Opens transactions: leaving one without an error commits it."""

    def transaction(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Write: one at a time, durable when it is left."""
        ...

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Read a consistent state beside the writer."""
        ...


class Room(Protocol):
    """Where everything is kept."""

    async def check(self) -> None:
        """Raise StoreFailing when too little is free to keep what would be paid for."""
        ...


# --- pictures ----------------------------------------------------------------------------------


class ImageStore(Protocol):
    """Bytes by content hash."""

    async def put(self, data: bytes) -> str:
        """Store bytes atomically; return their SHA-256 in hex."""
        ...

    async def get(self, sha256: str) -> bytes:
        """Read bytes and check them against their name; raise StorageError otherwise."""
        ...

    async def delete(self, sha256: str) -> None:
        """Forget bytes; what is not there is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """One picture as it will be stored and delivered."""

    data: bytes
    mime: str
    width: int
    height: int


class Finishing(Protocol):
    """The one place where image bytes are decoded, checked, marked and encoded, off the loop."""

    async def take_in(self, data: bytes) -> Finished:
        """Check an upload, turn it upright and strip what it tells of its owner."""
        ...

    async def finish(self, data: bytes, spec: ModelSpec, work: Work) -> Finished:
        """Check what a provider made and mark it as made by a machine."""
        ...

    async def fit(self, data: bytes, most_bytes: int) -> Finished:
        """Make a smaller copy that a platform takes."""
        ...

    async def thumbnail(self, data: bytes, side: int) -> Finished:
        """Make a small copy for a list."""
        ...


# --- providers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All a provider needs to make something, once."""

    job: str
    spec: ModelSpec
    work: Work
    inputs: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Bytes of the pictures that the work names, by content hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One sign of life of a remote job."""

    running: bool = False
    position: int | None = None
    done: int = 0
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a provider made; flagged pictures are left out by the provider's adapter."""

    images: tuple[bytes, ...]
    seeds: tuple[int | None, ...]
    """One per image, in the same order."""
    cost: int | None = None
    """Micro-dollars, when the provider says; None to settle what the catalogue says."""
    flagged: int = 0
    """How many its safety checker blanked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a free call found out about a key."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A message that a provider sent on its own, its signature found good."""

    id: str
    """The message's own name: the same again is a replay."""
    remote: str
    """The provider's name for the job that it is about."""


class Provider(Protocol):
    """Someone who makes pictures. `order` is the only method that can cost money."""

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        ...

    async def order(self, order: Order) -> Remote:
        """Send the one paid order; raise InDoubt when it may have been taken all the same."""
        ...

    async def find(self, order: Order, since: datetime) -> tuple[Remote, ...]:
        """Search what was taken since then for this very order; oldest first.

        Two orders for the same thing cannot be told apart: whoever asks leaves out what is known.
        """
        ...

    async def recognise(self, order: Order, remote_id: str) -> Remote | None:
        """Look at the remote job of this name: is it this very order?"""
        ...

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        """Check who signed a message and when; None for one that proves nothing.

        The names of `headers` are in lower case.
        """
        ...

    def follow(self, remote: Remote, look: asyncio.Event) -> AsyncIterator[Step]:
        """Tell how it goes until there is a result to fetch; `look` cuts a pause short."""
        ...

    async def result(self, remote: Remote, order: Order) -> Made:
        """Fetch what was made, or raise why not."""
        ...

    async def cancel(self, remote: Remote) -> None:
        """Ask to stop; the job may complete all the same."""
        ...

    async def check(self) -> Health:
        """Find out with a free call whether the key is good."""
        ...


@runtime_checkable
class PriceList(Protocol):
    """A provider that tells its prices."""

    async def prices(self, endpoints: Sequence[str]) -> tuple[Price, ...]:
        """Ask for the prices of endpoints, with a free call."""
        ...


# --- platforms ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a platform's status line may move, in seconds."""

    first_after: float
    """Shorter waits get no status line at all."""
    every: float
    typing_every: float | None = None


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
        """Take messages back; what is gone already is no error."""
        ...

    async def typing(self, address: Address) -> None:
        """Show that the studio is at work, where the platform has a way to."""
        ...

    async def fetch(self, attachment: Attachment) -> bytes:
        """Read a file that came with the words."""
        ...
