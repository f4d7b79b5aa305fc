"""Money: entries that are only ever added.

A day's spending is the sum of its entries. What a job turns out to cost is entered on the day of
its hold, whenever that comes out, so that no day ever shows less than was decided on it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, cast, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.context import User
from core.errors import Conflict, StorageError
from core.job import Job
from core.ports import Limits, Spending
from storage.columns import Moment
from storage.statements import insert_or_skip
from storage.tables import ledger

COLUMNS = ("job", "closing", "kind", "user_platform", "user_id", "amount", "day", "at")


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """The ledger table inside one transaction."""

    connection: AsyncConnection

    async def hold(self, job: Job, limits: Limits, now: datetime) -> bool:
        """Reserve the job's `hold` in one statement; False when a limit would be passed."""
        day = _day(now)
        entry = select(
            literal(job.id),
            literal(value=False),
            literal("hold"),
            literal(job.user.platform),
            literal(job.user.id),
            literal(job.hold),
            literal(day),
            literal(now, Moment),
        ).where(*_room(job, limits, day))
        done = await self.connection.execute(insert(ledger).from_select(COLUMNS, entry))
        return done.rowcount > 0

    async def settle(self, job_id: str, cost: int, now: datetime) -> None:
        """Replace the hold by what it did cost."""
        await self._close(job_id, "settle", cost, now)

    async def release(self, job_id: str, now: datetime) -> None:
        """Give the hold back."""
        await self._close(job_id, "release", 0, now)

    async def _close(self, job_id: str, kind: str, cost: int, now: datetime) -> None:
        """Enter the difference; the same ending twice is one, another raises Conflict."""
        held = ledger.c.amount
        entry = select(
            ledger.c.job,
            literal(value=True),
            literal(kind),
            ledger.c.user_platform,
            ledger.c.user_id,
            cost - held,
            ledger.c.day,
            literal(now, Moment),
        ).where(ledger.c.job == job_id, ledger.c.closing.is_(False))
        new = insert_or_skip(self.connection, ledger).from_select(COLUMNS, entry)
        if not (await self.connection.execute(new)).rowcount:
            await self._check_closed(job_id, kind, cost)

    async def _check_closed(self, job_id: str, kind: str, cost: int) -> None:
        query = select(ledger.c.kind, ledger.c.amount).where(ledger.c.job == job_id)
        rows = (await self.connection.execute(query.order_by(ledger.c.closing))).all()
        if not rows:
            raise StorageError("no_hold", job=job_id)
        if rows[-1].kind != kind or sum(row.amount for row in rows) != cost:
            raise Conflict("ledger_closed", job=job_id)

    async def today(self, user: User, now: datetime) -> Spending:
        """Sum what was spent or is held today."""
        day = _day(now)
        sums = select(_spent(day, user).label("by_user"), _spent(day).label("by_all"))
        row = (await self.connection.execute(sums)).one()
        return Spending(by_user=row.by_user, by_all=row.by_all)


def _room(job: Job, limits: Limits, day: date) -> list[ColumnElement[bool]]:
    """State the limits as conditions; what is free passes none."""
    if job.hold == 0:
        return []
    caps = ((limits.per_day, _spent(day)), (limits.per_user_per_day, _spent(day, job.user)))
    return [spent + job.hold <= cap for cap, spent in caps if cap is not None]


def _spent(day: date, user: User | None = None) -> ScalarSelect[int]:
    """Sum the entries of a day, of one person or of all."""
    # PostgreSQL sums whole numbers to a decimal one.
    amount = cast(func.coalesce(func.sum(ledger.c.amount), 0), BigInteger)
    total = select(amount).where(ledger.c.day == day)
    if user is not None:
        mine = (ledger.c.user_platform == user.platform, ledger.c.user_id == user.id)
        total = total.where(*mine)
    return total.scalar_subquery()


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
