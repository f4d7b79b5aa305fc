"""What was asked, kept until it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.context import Ask
from storage.statements import insert_or_skip
from storage.tables import WAITING_ASKS, inbox


@dataclass(frozen=True, slots=True)
class SqlInbox:
    """The inbox table inside one transaction."""

    connection: AsyncConnection

    async def put(self, asks: Sequence[Ask], now: datetime) -> tuple[Ask, ...]:
        """Keep the asks; return those that are new."""
        return tuple([ask for ask in asks if await self._put(ask, now)])

    async def _put(self, ask: Ask, now: datetime) -> bool:
        row = {"request": ask.context.request, "ask": ask, "received_at": now}
        done = await self.connection.execute(insert_or_skip(self.connection, inbox).values(row))
        return done.rowcount > 0

    async def get(self, request: str) -> Ask | None:
        """Find an ask by its request."""
        query = select(inbox.c.ask).where(inbox.c.request == request)
        return await self.connection.scalar(query)

    async def keep(self, ask: Ask) -> None:
        """Put an ask whose pictures were taken in in the place of the one that came."""
        came = update(inbox).where(inbox.c.request == ask.context.request)
        await self.connection.execute(came.values(ask=ask))

    async def handled(self, request: str, now: datetime) -> None:
        """Note that an ask was answered."""
        change = update(inbox).where(inbox.c.request == request, WAITING_ASKS)
        await self.connection.execute(change.values(handled_at=now))

    async def waiting(self) -> tuple[Ask, ...]:
        """List what was never answered, oldest first."""
        query = select(inbox.c.ask).where(WAITING_ASKS).order_by(inbox.c.id)
        return tuple(await self.connection.scalars(query))
