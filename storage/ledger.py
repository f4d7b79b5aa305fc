"""Money: entries that are only ever added, each sealed to the one before it.

A day's spending is the sum of its entries. What a job turns out to cost is entered on the day of
its hold, whenever that comes out, so that no day ever shows less than was decided on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.budget import Cap, Period, Scope
from core.errors import Conflict, StorageError
from core.job import Job
from storage.chain import FIRST, seal
from storage.tables import ledger


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """The ledger table inside one transaction."""

    connection: AsyncConnection

    async def hold(self, job: Job, caps: Sequence[Cap], now: datetime) -> bool:
        """Reserve the job's `hold` in one statement; False when a cap would be passed."""
        day = await self.today(now)
        chat, server = job.address.chat, job.address.server
        room = [_spent(cap.scope, cap.period, day) + job.hold <= cap.amount for cap in caps]
        return await self._enter(
            {
                "job": job.id,
                "closing": False,
                "kind": "hold",
                "user_platform": job.user.platform,
                "user_id": job.user.id,
                "chat": f"{chat.platform}:{chat.id}",
                "server": f"{chat.platform}:{server}" if server else "",
                "model": f"{job.provider}/{job.model}",
                "amount": job.hold,
                "day": day,
                "at": now.astimezone(UTC),
            },
            room if job.hold else [],
        )

    async def settle(self, job_id: str, cost: int, now: datetime) -> None:
        """Replace the hold by what it did cost."""
        await self._close(job_id, "settle", cost, now)

    async def release(self, job_id: str, now: datetime) -> None:
        """Give the hold back."""
        await self._close(job_id, "release", 0, now)

    async def _close(self, job_id: str, kind: str, cost: int, now: datetime) -> None:
        """Enter the difference; the same ending twice is one, another raises Conflict."""
        query = select(ledger).where(ledger.c.job == job_id).order_by(ledger.c.closing)
        rows = (await self.connection.execute(query)).mappings().all()
        if not rows:
            raise StorageError("no_hold", job=job_id)
        held = {name: value for name, value in rows[0].items() if name not in {"id", "seal"}}
        if len(rows) == 1:
            change = {"closing": True, "kind": kind, "amount": cost - held["amount"]}
            await self._enter({**held, **change, "at": now.astimezone(UTC)}, [])
        elif rows[1]["kind"] != kind or sum(row["amount"] for row in rows) != cost:
            raise Conflict("ledger_closed", job=job_id)

    async def _enter(self, entry: Mapping[str, Any], room: Sequence[ColumnElement[bool]]) -> bool:
        """Add a sealed entry if there is room; the chain has one end, so no two can follow it."""
        newest = select(ledger.c.id, ledger.c.seal).order_by(ledger.c.id.desc()).limit(1)
        row = (await self.connection.execute(newest)).one_or_none()
        number, before = (0, FIRST) if row is None else row
        whole = {"id": number + 1, **entry}
        whole["seal"] = seal(before, whole)
        values = [literal(value, ledger.c[name].type) for name, value in whole.items()]
        new = insert(ledger).from_select(list(whole), select(*values).where(*room))
        return (await self.connection.execute(new)).rowcount > 0

    async def today(self, now: datetime) -> date:
        """Name the day on which money counts now: never one before the newest that was seen."""
        seen = await self.connection.scalar(select(func.max(ledger.c.day)))
        today = now.astimezone(UTC).date()
        return today if seen is None else max(seen, today)

    async def sums(self, counted: Sequence[tuple[Scope, Period]], now: datetime) -> tuple[int, ...]:
        """Sum what is spent or held, in micro-dollars, for each of what is to be counted."""
        day = await self.today(now)
        totals = select(*(_spent(scope, period, day) for scope, period in counted))
        return tuple((await self.connection.execute(totals)).one())

    async def by_model(self, scope: Scope, now: datetime) -> tuple[tuple[str, int], ...]:
        """Sum this month's spending per model, the dearest first."""
        total = _sum()
        counted = _counted(scope, Period.MONTH, await self.today(now))
        query = select(ledger.c.model, total).where(*counted).group_by(ledger.c.model)
        rows = await self.connection.execute(query.having(total != 0).order_by(total.desc()))
        return tuple((model, amount) for model, amount in rows)

    async def by_day(self, scope: Scope, limit: int) -> tuple[tuple[date, int], ...]:
        """Sum the spending of the newest days, newest first."""
        query = select(ledger.c.day, _sum()).where(*_within(scope))
        newest = query.group_by(ledger.c.day).order_by(ledger.c.day.desc()).limit(limit)
        return tuple((day, amount) for day, amount in await self.connection.execute(newest))


def _sum() -> ColumnElement[int]:
    """Sum as a whole number: PostgreSQL would make a decimal one of it."""
    return cast(func.coalesce(func.sum(ledger.c.amount), 0), BigInteger)


def _spent(scope: Scope, period: Period, day: date) -> ColumnElement[int]:
    total = select(_sum())
    return total.where(*_counted(scope, period, day)).scalar_subquery()


def _counted(scope: Scope, period: Period, day: date) -> list[ColumnElement[bool]]:
    """State which entries a cap counts."""
    within = _within(scope)
    return within if period is Period.TOTAL else [*within, ledger.c.day >= period.begins(day)]


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    if scope.kind == "all":
        return []
    if scope.kind == "user":
        platform, _, person = scope.key.partition(":")
        return [ledger.c.user_platform == platform, ledger.c.user_id == person]
    return [ledger.c[scope.kind] == scope.key]
