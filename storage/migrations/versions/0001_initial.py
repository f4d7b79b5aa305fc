"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make every table."""
    _intake()
    _orders()
    _talk()
    _money()


def _intake() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("request", sa.Text, nullable=False, unique=True),
        sa.Column("ask", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("handled_at", sa.BigInteger),
    )
    _partial("inbox_waiting", "inbox", ["id"], "handled_at IS NULL")


def _orders() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("user_platform", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("hold", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("parent", sa.Text, nullable=False),
        sa.Column("remote", sa.Text),
        sa.Column("cost", sa.BigInteger),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("error_values", sa.Text, nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("status_message", sa.Text, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.UniqueConstraint("request", "number"),
    )
    is_open = "status IN ('queued', 'submitting', 'submitted', 'fetching')"
    _partial("jobs_open", "jobs", ["created_at", "number"], is_open)
    by_user = ["user_platform", "user_id", "created_at", "number"]
    op.create_index("jobs_of_user", "jobs", by_user)
    op.create_table(
        "pictures",
        sa.Column("job", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("seed", sa.BigInteger),
        sa.Column("recipe", sa.Text, nullable=False),
        sa.Column("parent", sa.Text, nullable=False),
    )
    op.create_index("pictures_by_hash", "pictures", ["sha256"])
    op.create_table(
        "uploads",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("chat", sa.Text, primary_key=True),
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
    )


def _talk() -> None:
    op.create_table(
        "messages",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("user_platform", sa.Text),
        sa.Column("user_id", sa.Text),
        sa.Column("user_name", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("job", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_of_chat", "messages", ["platform", "chat", "thread", "id"])
    _partial("messages_of_job", "messages", ["job"], "job <> ''")
    answers = "reply IS NOT NULL AND request <> ''"
    _partial("messages_answers", "messages", ["request"], answers, unique=True)
    op.create_table(
        "message_ids",
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("chat", sa.Text, primary_key=True),
        sa.Column("platform_id", sa.Text, primary_key=True),
        sa.Column(
            "message", NUMBER, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_index("message_ids_of_message", "message_ids", ["message"])


def _money() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("closing", sa.Boolean, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("user_platform", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("job", "closing"),
    )
    of_day = ["day", "user_platform", "user_id", "amount"]
    op.create_index("ledger_of_day", "ledger", of_day)
    op.create_table(
        "outbox",
        sa.Column("job", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("ending", sa.Text, primary_key=True),
        sa.Column("promised_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
    )
    _partial("outbox_due", "outbox", ["due_at"], "outcome = ''")


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    rows = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=rows, postgresql_where=rows)
