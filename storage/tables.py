"""The tables. What they hold is said in `core.ports`; how a value is written, in `columns`."""

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.context import Address, Ask
from core.job import Remote
from core.picture import Recipe
from core.replies import Reply
from core.work import Work
from storage.columns import Document, Moment

metadata = MetaData()

Number = BigInteger().with_variant(Integer, "sqlite")
"""A growing id: SQLite counts up only what it knows as INTEGER."""

OPEN_JOBS = text("status IN ('queued', 'submitting', 'submitted', 'fetching', 'in_doubt')")
WITH_REMOTE = text("remote_id IS NOT NULL")
WAITING_ASKS = text("handled_at IS NULL")
OPEN_PROMISES = text("outcome = ''")
GIVEN_UP = text("outcome = 'given_up'")
ANSWERS = text("reply IS NOT NULL AND request <> ''")
OF_A_JOB = text("job <> ''")
IN_A_SERVER = text("server <> ''")
"""Predicates of partial indexes. A query that says the same words is answered by the index."""


def _partial(name: str, *columns: str, where: object, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _chat() -> tuple[Column[str], ...]:
    return _text("platform"), _text("chat"), _text("thread")


def _person(*, required: bool = True) -> tuple[Column[str], ...]:
    names = ("user_platform", "user_id", "user_name")
    return tuple(Column(name, Text, nullable=not required) for name in names)


inbox = Table(
    "inbox",
    metadata,
    Column("id", Number, primary_key=True),
    Column("request", Text, nullable=False, unique=True),
    Column("ask", Document(Ask), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("handled_at", Moment),
    _partial("inbox_waiting", "id", where=WAITING_ASKS),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    _text("request"),
    Column("number", Integer, nullable=False),
    *_chat(),
    Column("address", Document(Address), nullable=False),
    *_person(),
    _text("locale"),
    _text("provider"),
    _text("model"),
    Column("work", Document(Work), nullable=False),
    Column("hold", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    _text("status"),
    Column("private", Boolean, nullable=False),
    _text("parent"),
    Column("remote", Document(Remote)),
    Column("cost", BigInteger),
    _text("error"),
    Column("error_values", Document(Mapping[str, str | int | float | bool]), nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    _text("status_message"),
    Column("finished_at", Moment),
    Column("ordered_at", Moment),
    Column("doubted_at", Moment),
    # A copy out of `remote`, so that no two jobs ever take the same one for theirs.
    Column("remote_id", Text),
    UniqueConstraint("request", "number"),
    _partial("jobs_open", "created_at", "number", where=OPEN_JOBS),
    Index("jobs_of_user", "user_platform", "user_id", "created_at", "number"),
    _partial("jobs_of_remote", "provider", "remote_id", where=WITH_REMOTE, unique=True),
)

pictures = Table(
    "pictures",
    metadata,
    Column("job", Text, ForeignKey("jobs.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("sha256"),
    _text("mime"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("seed", BigInteger),
    Column("recipe", Document(Recipe), nullable=False),
    _text("parent"),
    Index("pictures_by_hash", "sha256"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("platform", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("thread", Text, primary_key=True),
    Column("sent_at", Moment, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Number, primary_key=True),
    *_chat(),
    *_person(required=False),
    Column("at", Moment, nullable=False),
    _text("request"),
    _text("asked"),
    Column("reply", Document(Reply)),
    _text("job"),
    Index("messages_of_chat", "platform", "chat", "thread", "id"),
    _partial("messages_of_job", "job", where=OF_A_JOB),
    _partial("messages_answers", "request", where=ANSWERS, unique=True),
    # A forgotten message's number is never given to another.
    sqlite_autoincrement=True,
)

message_ids = Table(
    "message_ids",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("platform_id", Text, primary_key=True),
    Column("message", Number, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Index("message_ids_of_message", "message"),
)

ledger = Table(
    "ledger",
    metadata,
    # Counted by hand without a gap: a missing number is a missing entry.
    Column("id", Number, primary_key=True, autoincrement=False),
    _text("job"),
    # False for the hold, true for what ends it: so a job is held once and closed once.
    Column("closing", Boolean, nullable=False),
    _text("kind"),
    _text("user_platform"),
    _text("user_id"),
    _text("chat"),
    # Empty where a chat is a part of nothing larger.
    _text("server"),
    _text("model"),
    Column("amount", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Moment, nullable=False),
    _text("seal"),
    UniqueConstraint("job", "closing"),
    Index("ledger_of_day", "day", "amount"),
    Index("ledger_of_user", "user_platform", "user_id", "day", "amount"),
    Index("ledger_of_chat", "chat", "day", "amount"),
    _partial("ledger_of_server", "server", "day", "amount", where=IN_A_SERVER),
)

budgets = Table(
    "budgets",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    _text("set_by"),
    Column("set_at", Moment, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("user", Text, primary_key=True),
    Column("day", Date, primary_key=True),
)

access = Table(
    "access",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("allowed", Boolean, nullable=False),
    _text("set_by"),
    Column("set_at", Moment, nullable=False),
)

invites = Table(
    "invites",
    metadata,
    Column("digest", Text, primary_key=True),
    _text("made_by"),
    Column("made_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    # Empty while it is good for somebody.
    _text("used_by"),
    Column("used_at", Moment),
)

prices = Table(
    "prices",
    metadata,
    Column("endpoint", Text, primary_key=True),
    _text("unit"),
    Column("amount", BigInteger, nullable=False),
    Column("asked_at", Moment, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("job", Text, ForeignKey("jobs.id"), primary_key=True),
    Column("ending", Text, primary_key=True),
    Column("promised_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    _text("error"),
    # Empty while the promise is open.
    _text("outcome"),
    Column("closed_at", Moment),
    _partial("outbox_due", "due_at", where=OPEN_PROMISES),
    _partial("outbox_given_up", "closed_at", where=GIVEN_UP),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    _text("job"),
    _text("remote"),
    Column("at", Moment, nullable=False),
    Index("callbacks_of_job", "job"),
)
