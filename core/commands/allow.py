"""Let somebody spend, or a chat, a server or a role; or let them not."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.money.who import one_of_many
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Allow(Command):
    """Let a person, a chat, a server or a role spend."""

    name: ClassVar[str] = "allow"
    for_operators: ClassVar[bool] = True
    allowed: ClassVar[bool] = True
    said: ClassVar[str] = "allowed"

    who: Annotated[str, Option()] = ""

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        studio.policy.require_operator(context.user)
        scope = await one_of_many(tx, context, self.name, self.who)
        await tx.access.set(scope, context.user.key, studio.now(), allowed=self.allowed)
        return Text(self.said, {"who": scope.name})


@dataclass(frozen=True, kw_only=True)
class Deny(Allow):
    """Let a person, a chat, a server or a role not spend, whatever else allows it."""

    name: ClassVar[str] = "deny"
    allowed: ClassVar[bool] = False
    said: ClassVar[str] = "denied"
