"""The ledger of orders: each step is written before the act it announces."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.context import User
from core.errors import Conflict
from core.job import Job
from storage.rows import job_of, job_row
from storage.statements import insert_or_skip
from storage.tables import OPEN_JOBS, jobs

NOT_SAVED = ("id", "cancel_asked", "status_message")
"""A step leaves alone what others may note in any state."""


@dataclass(frozen=True, slots=True)
class SqlJobs:
    """The jobs table inside one transaction."""

    connection: AsyncConnection

    async def add(self, job: Job) -> None:
        """Keep a new job; raise Conflict when its id or its (request, number) exists."""
        new = insert_or_skip(self.connection, jobs).values(job_row(job))
        if not (await self.connection.execute(new)).rowcount:
            raise Conflict("job_exists", job=job.id)

    async def get(self, job_id: str) -> Job | None:
        """Find a job."""
        rows = await self.connection.execute(select(jobs).where(jobs.c.id == job_id))
        row = rows.mappings().one_or_none()
        return None if row is None else job_of(row)

    async def of_request(self, request: str) -> tuple[Job, ...]:
        """List the jobs of one asking by number."""
        query = select(jobs).where(jobs.c.request == request).order_by(jobs.c.number)
        return tuple(map(job_of, (await self.connection.execute(query)).mappings()))

    async def save(self, job: Job, was: Job) -> None:
        """Write a step; raise Conflict when the row is no longer in the state of `was`.

        The same step twice is one: nobody hears of a commit whose answer was lost.
        """
        row = {name: value for name, value in job_row(job).items() if name not in NOT_SAVED}
        change = update(jobs).where(jobs.c.id == was.id, jobs.c.status == was.status).values(row)
        if not (await self.connection.execute(change)).rowcount and not await self._stands(job):
            raise Conflict("job_state", job=was.id, status=was.status)

    async def _stands(self, job: Job) -> bool:
        found = await self.get(job.id)
        return found is not None and all(
            value == job_row(found)[name]
            for name, value in job_row(job).items()
            if name not in NOT_SAVED
        )

    async def with_remote(self, provider: str, remote_id: str) -> Job | None:
        """Find the one job that a provider's name for it belongs to."""
        this = (jobs.c.provider == provider, jobs.c.remote_id == remote_id)
        row = (await self.connection.execute(select(jobs).where(*this))).mappings().one_or_none()
        return None if row is None else job_of(row)

    async def set_status_message(self, job_id: str, message: str) -> None:
        """Remember the status line, whatever state the job is in."""
        change = update(jobs).where(jobs.c.id == job_id).values(status_message=message)
        await self.connection.execute(change)

    async def ask_to_cancel(self, job_id: str) -> None:
        """Note that its owner wants it cancelled."""
        change = update(jobs).where(jobs.c.id == job_id).values(cancel_asked=True)
        await self.connection.execute(change)

    async def open(self, platforms: Sequence[str]) -> tuple[Job, ...]:
        """List what a restart takes up again for these platforms, oldest first."""
        here = jobs.c.platform.in_(platforms)
        query = select(jobs).where(OPEN_JOBS, here).order_by(jobs.c.created_at, jobs.c.number)
        return tuple(map(job_of, (await self.connection.execute(query)).mappings()))

    async def recent(self, user: User, limit: int) -> tuple[Job, ...]:
        """List a person's newest jobs, newest first."""
        query = (
            select(jobs)
            .where(jobs.c.user_platform == user.platform, jobs.c.user_id == user.id)
            .order_by(jobs.c.created_at.desc(), jobs.c.number.desc())
            .limit(limit)
        )
        return tuple(map(job_of, (await self.connection.execute(query)).mappings()))
