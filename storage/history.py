"""What was said in each chat, and under which ids its platform knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Text, cast, delete, func, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core.context import Chat, Context
from core.ports import Message
from core.replies import Reply
from storage.rows import chat_row, message_of, shown_job, user_row
from storage.statements import insert, insert_or_skip
from storage.tables import ANSWERS, OF_A_JOB, message_ids, messages

# One statement instead of two: what it costs is the way to the driver's thread and back.
PLATFORM_IDS = (
    select(
        func.aggregate_strings(
            cast(message_ids.c.position, Text).concat(" ").concat(message_ids.c.platform_id), "\n"
        )
    )
    .where(message_ids.c.message == messages.c.id)
    .correlate(messages)
    .scalar_subquery()
    .label("platform_ids")
)
"""The ids of a message, each behind its position, in no order."""


@dataclass(frozen=True, slots=True)
class SqlHistory:
    """The message tables inside one transaction."""

    connection: AsyncConnection

    async def asked(self, context: Context, words: str, now: datetime) -> None:
        """Record what a person said."""
        row = {
            **chat_row(context.chat),
            **user_row(context.user),
            "at": now,
            "request": context.request,
            "asked": words,
            "job": "",
        }
        await self.connection.execute(plain_insert(messages).values(row))

    async def answered(
        self,
        chat: Chat,
        reply: Reply,
        now: datetime,
        *,
        request: str = "",
        platform_ids: Sequence[str] = (),
    ) -> int:
        """Record what the studio said; return the message's id.

        A request has one answer: the second is not kept, the id is that of the first.
        """
        row = {
            **chat_row(chat),
            "at": now,
            "request": request,
            "asked": "",
            "reply": reply,
            "job": shown_job(reply),
        }
        new = insert_or_skip(self.connection, messages).values(row).returning(messages.c.id)
        message_id = await self.connection.scalar(new)
        if message_id is None:
            return (await self.connection.scalars(_answer(request))).one()
        await self.sent(message_id, platform_ids)
        return message_id

    async def reply_to(self, request: str) -> Message | None:
        """Find the answer that a request already had."""
        found = await self._read(select(messages).where(messages.c.request == request, ANSWERS))
        return found[0] if found else None

    async def sent(self, message_id: int, platform_ids: Sequence[str]) -> None:
        """Note the platform's ids of a message; an id that it took over from another moves."""
        if not platform_ids:
            return
        home = select(messages.c.platform, messages.c.chat).where(messages.c.id == message_id)
        chat = (await self.connection.execute(home)).mappings().one()
        rows = [
            {**chat, "platform_id": platform_id, "message": message_id, "position": position}
            for position, platform_id in enumerate(platform_ids)
        ]
        new = insert(self.connection, message_ids)
        moved = {"message": new.excluded.message, "position": new.excluded.position}
        await self.connection.execute(
            new.on_conflict_do_update(message_ids.primary_key, set_=moved), rows
        )

    async def find(self, chat: Chat, platform_id: str) -> Message | None:
        """Find the message that a platform calls so."""
        query = (
            select(messages)
            .join(message_ids)
            .where(
                message_ids.c.platform == chat.platform,
                message_ids.c.chat == chat.id,
                message_ids.c.platform_id == platform_id,
            )
        )
        found = await self._read(query)
        return found[0] if found else None

    async def page(self, chat: Chat, limit: int, before: int | None = None) -> tuple[Message, ...]:
        """List the last messages of a chat, oldest of them first."""
        return (await self._read(newest(chat, limit, before)))[::-1]

    async def messages_of_job(self, job_id: str) -> tuple[Message, ...]:
        """List where a job was shown."""
        shown = select(messages).where(messages.c.job == job_id, OF_A_JOB)
        return await self._read(shown.order_by(messages.c.id))

    async def forget_job(self, job_id: str) -> None:
        """Drop the messages that showed a job."""
        await self.connection.execute(delete(messages).where(messages.c.job == job_id, OF_A_JOB))

    async def _read(self, query: Select[*tuple[object, ...]]) -> tuple[Message, ...]:
        rows = await self.connection.execute(query.add_columns(PLATFORM_IDS))
        return tuple(map(message_of, rows.mappings()))


def newest(chat: Chat, limit: int, before: int | None) -> Select[*tuple[object, ...]]:
    """Select the newest messages of a chat, or those before one, newest first."""
    here = (messages.c[name] == value for name, value in chat_row(chat).items())
    query = select(messages).where(*here)
    if before is not None:
        query = query.where(messages.c.id < before)
    return query.order_by(messages.c.id.desc()).limit(limit)


def _answer(request: str) -> Select[int]:
    return select(messages.c.id).where(messages.c.request == request, ANSWERS)
