"""What providers said last about their prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.budget import Price
from storage.statements import insert
from storage.tables import prices


@dataclass(frozen=True, slots=True)
class SqlPrices:
    """The prices table inside one transaction."""

    connection: AsyncConnection

    async def put(self, told: Sequence[Price], now: datetime) -> None:
        """Keep prices in place of older ones."""
        for price in told:
            said = {"unit": price.unit, "amount": price.amount, "asked_at": now}
            new = insert(self.connection, prices).values(endpoint=price.endpoint, **said)
            await self.connection.execute(new.on_conflict_do_update(prices.primary_key, set_=said))

    async def get(self, endpoint: str) -> Price | None:
        """Find the price of an endpoint."""
        columns = (prices.c.endpoint, prices.c.unit, prices.c.amount)
        query = select(*columns).where(prices.c.endpoint == endpoint)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else Price(**row)
