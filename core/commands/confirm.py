"""Yes and no to a quote."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.errors import NotFound, Refused
from core.interpret import interpret
from core.ports import UnitOfWork
from core.replies import Menu, Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Confirm(Command):
    """Go ahead with what was quoted; twice is once, for the jobs belong to the first asking."""

    name: ClassVar[str] = "confirm"
    listed: ClassVar[bool] = False

    request: Annotated[str, Option(hidden=True)]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        ask = await tx.inbox.get(self.request)
        if ask is None:
            raise NotFound("request")
        if ask.context.user != context.user:
            raise Refused("not_your_quote")
        command = await interpret(ask, studio.commands, tx)
        if isinstance(command, Confirm):  # or one that names itself would never come to an end
            raise NotFound("request")
        agreed = replace(
            context,
            request=self.request,
            images=ask.context.images,
            agreed=await _quoted(tx, self.request),
        )
        return await command.run(studio, agreed, tx)


async def _quoted(tx: UnitOfWork, request: str) -> int:
    """Read what price was told, in micro-dollars."""
    told = await tx.history.reply_to(request)
    if told is None or not isinstance(told.reply, Menu):
        return 0
    return int(told.reply.text.values.get("cost", 0))


@dataclass(frozen=True, kw_only=True)
class Dismiss(Command):
    """Leave it."""

    name: ClassVar[str] = "dismiss"
    listed: ClassVar[bool] = False

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        return Text("dismissed")
