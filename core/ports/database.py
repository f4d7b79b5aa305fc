"""One transaction over all tables, and the room that they have."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from core.ports.conversation import History, Inbox, Outbox
from core.ports.money import Access, Budgets, Ledger, Prices
from core.ports.orders import Callbacks, Jobs, Pictures


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
