"""All tables over one connection, inside one transaction."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.access import SqlAccess
from storage.budgets import SqlBudgets
from storage.callbacks import SqlCallbacks
from storage.history import SqlHistory
from storage.inbox import SqlInbox
from storage.jobs import SqlJobs
from storage.ledger import SqlLedger
from storage.outbox import SqlOutbox
from storage.pictures import SqlPictures
from storage.prices import SqlPrices


@dataclass(frozen=True, slots=True)
class SqlUnitOfWork:
    """One transaction over all tables."""

    inbox: SqlInbox
    jobs: SqlJobs
    pictures: SqlPictures
    history: SqlHistory
    ledger: SqlLedger
    outbox: SqlOutbox
    budgets: SqlBudgets
    access: SqlAccess
    prices: SqlPrices
    callbacks: SqlCallbacks

    @classmethod
    def over(cls, connection: AsyncConnection) -> Self:
        """Bundle the tables of one connection."""
        return cls(
            SqlInbox(connection),
            SqlJobs(connection),
            SqlPictures(connection),
            SqlHistory(connection),
            SqlLedger(connection),
            SqlOutbox(connection),
            SqlBudgets(connection),
            SqlAccess(connection),
            SqlPrices(connection),
            SqlCallbacks(connection),
        )
