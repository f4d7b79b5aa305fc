"""Yes and no to a quote."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.errors import NotFound, Refused
from core.interpret import interpret
from core.ports import UnitOfWork
from core.replies import Reply, Text
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
        confirmed = replace(
            context, request=self.request, images=ask.context.images, confirmed=True
        )
        return await command.run(studio, confirmed, tx)


@dataclass(frozen=True, kw_only=True)
class Dismiss(Command):
    """Leave it."""

    name: ClassVar[str] = "dismiss"
    listed: ClassVar[bool] = False

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        return Text("dismissed")
