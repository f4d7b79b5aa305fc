"""An order that may be out says when it was announced; one that says nothing is not out."""

from alembic import op

revision = "0004"
down_revision = "0003"

# Written before orders were dated: nobody knows whether the provider has it.
DATED = """
UPDATE jobs SET ordered_at = created_at WHERE status = 'submitting' AND ordered_at IS NULL
"""


def upgrade() -> None:
    """Date the orders under way, so that none of them is taken for one that is not out."""
    op.execute(DATED)
