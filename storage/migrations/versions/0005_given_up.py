"""What was given up is found without reading what was delivered: every ask looks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

GIVEN_UP = sa.text("outcome = 'given_up'")


def upgrade() -> None:
    """Index the promises that no way was left to keep."""
    op.create_index(
        "outbox_given_up",
        "outbox",
        ["closed_at"],
        sqlite_where=GIVEN_UP,
        postgresql_where=GIVEN_UP,
    )
