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
        shown = [message.reply for message in page if isinstance(message.reply, Pictures)]
        lines = tuple(
            Text("history.line", {"job": one.job, "prompt": one.alt, "count": len(one.pictures)})
            for one in shown[-self.count :]
        )
        return Text("history.title" if lines else "history.empty", {"count": len(lines)}, lines)
