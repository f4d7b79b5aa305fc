"""The search for orders in doubt, and call-backs that are used once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

OPEN = "status IN ('queued', 'submitting', 'submitted', 'fetching', 'in_doubt')"
REMOTE = "remote_id IS NOT NULL"
REMOTE_IDS = "UPDATE jobs SET remote_id = json_extract(remote, '$.id') WHERE remote IS NOT NULL"
REMOTE_IDS_IN_POSTGRESQL = (
    "UPDATE jobs SET remote_id = remote::json ->> 'id' WHERE remote IS NOT NULL"
)
DOUBTED = "UPDATE jobs SET doubted_at = finished_at, finished_at = NULL WHERE status = 'in_doubt'"


def upgrade() -> None:
    """Add when a job was ordered and doubted, whose its remote is, and what was called back."""
    op.add_column("jobs", sa.Column("ordered_at", sa.BigInteger))
    op.add_column("jobs", sa.Column("doubted_at", sa.BigInteger))
    op.add_column("jobs", sa.Column("remote_id", sa.Text))
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(REMOTE_IDS if sqlite else REMOTE_IDS_IN_POSTGRESQL)
    op.execute(DOUBTED)
    op.drop_index("jobs_open", "jobs")
    _partial("jobs_open", "jobs", ["created_at", "number"], OPEN)
    _partial("jobs_of_remote", "jobs", ["provider", "remote_id"], REMOTE, unique=True)
    op.create_table(
        "callbacks",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("remote", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("callbacks_of_job", "callbacks", ["job"])


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    rows = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=rows, postgresql_where=rows)
