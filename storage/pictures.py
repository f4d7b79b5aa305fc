"""Which image belongs to which job, and which chat has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.context import Chat
from core.picture import Picture
from storage.rows import chat_row, picture_of, picture_row
from storage.statements import insert_or_skip
from storage.tables import jobs, uploads
from storage.tables import pictures as table


@dataclass(frozen=True, slots=True)
class SqlPictures:
    """The picture tables inside one transaction."""

    connection: AsyncConnection

    async def add(self, pictures: Sequence[Picture]) -> None:
        """Keep finished pictures."""
        if pictures:
            rows = [picture_row(picture) for picture in pictures]
            await self.connection.execute(insert(table), rows)

    async def sent(self, sha256: str, chat: Chat, now: datetime) -> None:
        """Note that a person sent this picture to a chat."""
        row = {"sha256": sha256, **chat_row(chat), "sent_at": now}
        await self.connection.execute(insert_or_skip(self.connection, uploads).values(row))

    async def of_job(self, job_id: str) -> tuple[Picture, ...]:
        """List a job's pictures by position."""
        query = select(table).where(table.c.job == job_id).order_by(table.c.position)
        return tuple(map(picture_of, (await self.connection.execute(query)).mappings()))

    async def forget(self, job_id: str) -> tuple[str, ...]:
        """Drop a job's pictures; return the hashes that no other row shares."""
        gone = delete(table).where(table.c.job == job_id).returning(table.c.sha256)
        hashes = dict.fromkeys(await self.connection.scalars(gone))
        return tuple([sha256 for sha256 in hashes if not await self.named(sha256)])

    async def named(self, sha256: str) -> bool:
        """Tell whether any row names this picture."""
        made = exists().where(table.c.sha256 == sha256)
        sent = exists().where(uploads.c.sha256 == sha256)
        return bool(await self.connection.scalar(select(or_(made, sent))))

    async def known(self, sha256: str, chat: Chat) -> bool:
        """Tell whether a picture was made or sent in this chat."""
        made = exists().where(
            table.c.sha256 == sha256,
            table.c.job == jobs.c.id,
            *(jobs.c[name] == value for name, value in chat_row(chat).items()),
        )
        sent = exists().where(
            uploads.c.sha256 == sha256,
            *(uploads.c[name] == value for name, value in chat_row(chat).items()),
        )
        return bool(await self.connection.scalar(select(or_(made, sent))))
