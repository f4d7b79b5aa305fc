"""Let somebody in by a code: made by an operator, told once, good once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.errors import Refused
from core.money.invites import digest, join
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Invite(Command):
    """Make a code that lets one person spend."""

    name: ClassVar[str] = "invite"
    for_operators: ClassVar[bool] = True
    secret: ClassVar[bool] = True

    days: Annotated[int, Option(low=1, high=30)] = 7

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        studio.policy.require_operator(context.user)
        if context.overheard:
            raise Refused("overheard")
        code, now = studio.new_code(), studio.now()
        await tx.access.invite(digest(code), context.user, now, now + timedelta(days=self.days))
        return Text("invite", {"code": code, "days": self.days})


@dataclass(frozen=True, kw_only=True)
class Join(Command):
    """Use an invitation."""

    name: ClassVar[str] = "join"
    secret: ClassVar[bool] = True

    code: str

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        await join(tx, context.user, self.code, studio.now())
        return Text("joined")
