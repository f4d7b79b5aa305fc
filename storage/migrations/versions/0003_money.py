"""Money: a sealed ledger, budgets, who may spend, invitations and prices."""

import hashlib
import json
from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SEALED = (
    "id", "job", "closing", "kind", "user_platform", "user_id", "chat", "server", "model",
    "amount", "day", "at",
)  # fmt: skip
GUARD = """
CREATE FUNCTION ledger_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
"""
TRIGGER = """
CREATE TRIGGER ledger_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_kept()
"""


def upgrade() -> None:
    """Seal the ledger and add the tables of who may spend how much."""
    op.drop_index("ledger_of_day", "ledger")
    op.rename_table("ledger", "ledger_before")
    _ledger()
    _copy()
    op.drop_table("ledger_before")
    _keep()
    _rules()


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("closing", sa.Boolean, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("user_platform", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        sa.UniqueConstraint("job", "closing"),
    )
    op.create_index("ledger_of_day", "ledger", ["day", "amount"])
    of_user = ["user_platform", "user_id", "day", "amount"]
    op.create_index("ledger_of_user", "ledger", of_user)
    op.create_index("ledger_of_chat", "ledger", ["chat", "day", "amount"])
    rows = sa.text("server <> ''")
    of_server = ["server", "day", "amount"]
    op.create_index(
        "ledger_of_server", "ledger", of_server, sqlite_where=rows, postgresql_where=rows
    )


def _copy() -> None:
    """Seal what was entered so far; where it was asked and of which model, its job tells."""
    kept = sa.text(
        "SELECT l.job, l.closing, l.kind, l.user_platform, l.user_id,"
        " coalesce(j.platform || ':' || j.chat, '') AS chat, '' AS server,"
        " coalesce(j.provider || '/' || j.model, '') AS model, l.amount, l.day, l.at"
        " FROM ledger_before l LEFT JOIN jobs j ON j.id = l.job ORDER BY l.id"
    ).columns(closing=sa.Boolean, day=sa.Date)
    columns = [sa.column(name, sa.Date if name == "day" else None) for name in (*SEALED, "seal")]
    new = sa.table("ledger", *columns)
    seal = ""
    for number, row in enumerate(op.get_bind().execute(kept).mappings().all(), start=1):
        entry = {"id": number, **row}
        seal = _seal(seal, entry)
        op.get_bind().execute(new.insert().values(seal=seal, **entry))


def _seal(before: str, entry: Mapping[str, object]) -> str:
    plain = {name: str(value) for name, value in entry.items()}
    plain["closing"] = str(int(bool(entry["closing"])))
    content = json.dumps([before, plain], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode("ascii")).hexdigest()


def _keep() -> None:
    """Refuse what would change an entry."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_keeps_{name} BEFORE {name} ON ledger "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
    else:
        op.execute(GUARD)
        op.execute(TRIGGER)


def _rules() -> None:
    op.create_table(
        "budgets",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
    )
    op.create_table(
        "access",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "invites",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("used_by", sa.Text, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "prices",
        sa.Column("endpoint", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
    )
