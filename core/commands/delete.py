"""Take a job's pictures back: from the chat, the history and the store."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Chat, Context
from core.errors import Conflict
from core.made import own
from core.ports import Message, UnitOfWork
from core.replies import Removed, Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Delete(Command):
    """Take a job's pictures back."""

    name: ClassVar[str] = "delete"
    listed: ClassVar[bool] = False
    moderated: ClassVar[bool] = True

    job: Annotated[str, Option(suggest="jobs")]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await own(studio, tx, context, self.job)
        if not job.finished:
            raise Conflict("not_finished", job=job.id)
        messages = await tx.history.messages_of_job(job.id)
        images = await tx.pictures.forget(job.id)
        await tx.history.forget_job(job.id)
        ids = tuple(one for message in messages for one in _named_from(context.chat, message))
        return Removed(job.id, Text("deleted", {"job": job.id}), messages=ids, images=images)


def _named_from(here: Chat, message: Message) -> Iterator[str]:
    """Name a message's parts as seen from a chat: those of another one stand behind its id.

    A platform may number the messages of each chat anew: a bare number would name another one.
    """
    if message.chat.platform == here.platform:
        for one in message.platform_ids:
            near = message.chat.id == here.id or "/" in one
            yield one if near else f"{message.chat.id}/{one}"
