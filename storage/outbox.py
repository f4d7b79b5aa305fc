"""Promises to tell a chat how a job ended, kept until its platform says yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.context import Chat, User
from core.errors import ChatClosed
from core.job import Status
from core.ports import Delivery
from storage.columns import Moment
from storage.statements import insert_or_skip
from storage.tables import GIVEN_UP, OPEN_PROMISES, jobs, outbox

COLUMNS = ("job", "ending", "promised_at", "attempts", "due_at", "error", "outcome")


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """The outbox table inside one transaction."""

    connection: AsyncConnection

    async def put(self, job_id: str, now: datetime) -> None:
        """Promise to tell how the job ended, in place of an older promise about it.

        What is said of a job in doubt changes while it is in doubt: it is promised each time anew.
        """
        doubted = (outbox.c.job == job_id, outbox.c.ending == Status.IN_DOUBT)
        await self.connection.execute(delete(outbox).where(*doubted, _still_in_doubt(job_id)))
        moment = literal(now, Moment)
        promise = select(
            jobs.c.id, jobs.c.status, moment, literal(0), moment, literal(""), literal("")
        ).where(jobs.c.id == job_id)
        new = insert_or_skip(self.connection, outbox).from_select(COLUMNS, promise)
        if (await self.connection.execute(new)).rowcount:
            ending = select(jobs.c.status).where(jobs.c.id == job_id).scalar_subquery()
            older = update(outbox).where(outbox.c.job == job_id, outbox.c.ending != ending)
            closed = {"outcome": "superseded", "closed_at": now}
            await self.connection.execute(older.where(OPEN_PROMISES).values(closed))

    async def due(
        self, now: datetime, platforms: Sequence[str], limit: int
    ) -> tuple[Delivery, ...]:
        """List promises to these platforms whose time has come, oldest first."""
        query = (
            select(outbox)
            .join(jobs)
            .where(OPEN_PROMISES, outbox.c.due_at <= now, jobs.c.platform.in_(platforms))
            .order_by(outbox.c.due_at)
            .limit(limit)
        )
        return tuple(map(_delivery, await self.connection.execute(query)))

    async def next_due(self, after: datetime, platforms: Sequence[str]) -> datetime | None:
        """Tell when the first promise that is not yet due will be."""
        query = select(func.min(outbox.c.due_at)).join(jobs)
        here = jobs.c.platform.in_(platforms)
        return await self.connection.scalar(
            query.where(OPEN_PROMISES, outbox.c.due_at > after, here)
        )

    async def delivered(self, delivery: Delivery, now: datetime) -> None:
        """Note the platform's yes."""
        await self._change(delivery, outcome="delivered", closed_at=now)

    async def postpone(self, delivery: Delivery, due_at: datetime, error: str) -> None:
        """Try again later."""
        attempts = delivery.attempts + 1
        await self._change(delivery, attempts=attempts, due_at=due_at, error=error)

    async def restore(self, delivery: Delivery) -> None:
        """Make a promise again what it was."""
        await self._change(delivery, attempts=delivery.attempts, due_at=delivery.due_at)

    async def give_up(self, delivery: Delivery, now: datetime, error: str) -> None:
        """Note that no way is left to tell this chat."""
        await self._change(delivery, outcome="given_up", closed_at=now, error=error)

    async def revive(self, user: User, chat: Chat, since: datetime) -> tuple[str, ...]:
        """Make due again what this chat was closed for; return the jobs.

        Only what was promised since then about this person's jobs. It stays as old as it was, and
        its error tells that it was given up before.
        """
        theirs = exists().where(
            jobs.c.id == outbox.c.job,
            jobs.c.user_platform == user.platform,
            jobs.c.user_id == user.id,
            jobs.c.created_at >= since,
            jobs.c.platform == chat.platform,
            jobs.c.chat == chat.id,
        )
        # Nothing is given up before it is ordered; by when it was, the index finds it.
        lately = outbox.c.closed_at >= since
        closed = outbox.c.error == ChatClosed(chat.platform).key
        lost = update(outbox).where(GIVEN_UP, lately, closed, theirs)
        reopened = lost.values(outcome="", closed_at=None).returning(outbox.c.job)
        return tuple(await self.connection.scalars(reopened))

    async def withdraw(self, delivery: Delivery, now: datetime) -> None:
        """Close a promise whose job has gone on."""
        await self._change(delivery, outcome="superseded", closed_at=now)

    async def given_up(self, since: datetime) -> tuple[Delivery, ...]:
        """List promises that no way was left to keep, the last given up first."""
        query = select(outbox).where(GIVEN_UP, outbox.c.closed_at >= since)
        newest = query.order_by(outbox.c.closed_at.desc())
        return tuple(map(_delivery, await self.connection.execute(newest)))

    async def _change(self, delivery: Delivery, **values: object) -> None:
        this = update(outbox).where(
            outbox.c.job == delivery.job,
            outbox.c.ending == delivery.ending,
            outbox.c.promised_at == delivery.promised_at,
            OPEN_PROMISES,
        )
        await self.connection.execute(this.values(**values))


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(
        job=row.job,
        ending=Status(row.ending),
        promised_at=row.promised_at,
        attempts=row.attempts,
        due_at=row.due_at,
        error=row.error,
    )


def _still_in_doubt(job_id: str) -> ColumnElement[bool]:
    return exists().where(jobs.c.id == job_id, jobs.c.status == Status.IN_DOUBT)
