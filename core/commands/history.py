"""Tell what was asked in this chat."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.ports import UnitOfWork
from core.replies import Pictures, Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class History(Command):
    """List the last pictures of this chat with what they were asked by."""

    name: ClassVar[str] = "history"

    count: Annotated[int, Option(low=1, high=50, flags=("n",))] = 10

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        page = await tx.history.page(context.chat, self.count * 4)
        replies = [message.reply for message in page]
        shown = [
            reply
            for reply in replies
            if isinstance(reply, Pictures) and await _may_see(tx, context, reply)
        ]
        lines = tuple(
            Text("history.line", {"job": one.job, "prompt": one.alt, "count": len(one.pictures)})
            for one in shown[-self.count :]
        )
        return Text("history.title" if lines else "history.empty", {"count": len(lines)}, lines)


async def _may_see(tx: UnitOfWork, context: Context, shown: Pictures) -> bool:
    """Whether these pictures are for all here, or for this person, whom nobody overhears."""
    if not shown.private:
        return True
    job = await tx.jobs.get(shown.job)
    return job is not None and job.user == context.user and not context.overheard
