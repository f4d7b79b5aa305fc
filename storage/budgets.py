"""The caps that operators have set, and who was told that little is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.budget import Cap, Period, Scope
from core.context import User
from storage.statements import insert, insert_or_skip
from storage.tables import budgets, notices


@dataclass(frozen=True, slots=True)
class SqlBudgets:
    """The budgets table inside one transaction."""

    connection: AsyncConnection

    async def of(self, scopes: Sequence[Scope]) -> tuple[Cap, ...]:
        """List the caps of these scopes."""
        wanted = budgets.c.scope.in_([scope.name for scope in scopes])
        return tuple(map(_cap, await self.connection.execute(select(budgets).where(wanted))))

    async def all(self) -> tuple[Cap, ...]:
        """List every cap."""
        query = select(budgets).order_by(budgets.c.scope, budgets.c.period)
        return tuple(map(_cap, await self.connection.execute(query)))

    async def set(self, cap: Cap, by: User, now: datetime) -> None:
        """Keep a cap, in place of an older one for the same scope and period."""
        said = {"amount": cap.amount, "set_by": by.key, "set_at": now}
        row = {"scope": cap.scope.name, "period": cap.period, **said}
        new = insert(self.connection, budgets).values(row)
        await self.connection.execute(new.on_conflict_do_update(budgets.primary_key, set_=said))

    async def remove(self, scope: Scope, period: Period) -> None:
        """Drop a cap, so that what the settings say counts again."""
        this = (budgets.c.scope == scope.name, budgets.c.period == period)
        await self.connection.execute(delete(budgets).where(*this))

    async def first_notice(self, user: User, day: date) -> bool:
        """Note that this person is told today; False when they were told already."""
        new = insert_or_skip(self.connection, notices).values(user=user.key, day=day)
        return (await self.connection.execute(new)).rowcount > 0


def _cap(row: Row[*tuple[object, ...]]) -> Cap:
    return Cap(Scope.read(row.scope), Period(row.period), row.amount)
