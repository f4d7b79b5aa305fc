"""What providers called back with: each message is used once, also after a restart."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ports import Callback
from storage.statements import insert_or_skip
from storage.tables import callbacks

KEPT = timedelta(days=1)
"""An older message is refused for its age long before."""


@dataclass(frozen=True, slots=True)
class SqlCallbacks:
    """The callbacks table inside one transaction."""

    connection: AsyncConnection

    async def put(self, provider: str, callback: Callback, job_id: str, now: datetime) -> bool:
        """Keep a verified message; False when it was used before."""
        await self.connection.execute(delete(callbacks).where(callbacks.c.at < now - KEPT))
        row = {
            "provider": provider,
            "id": callback.id,
            "job": job_id,
            "remote": callback.remote,
            "at": now,
        }
        new = insert_or_skip(self.connection, callbacks).values(row)
        return (await self.connection.execute(new)).rowcount > 0

    async def of_job(self, job_id: str) -> tuple[str, ...]:
        """List the providers' names that messages about a job gave for it."""
        query = select(callbacks.c.remote).distinct().where(callbacks.c.job == job_id)
        return tuple(await self.connection.scalars(query))
