"""The switch that stops all spending, and lets it go on."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from core.command import Command
from core.context import Context
from core.money.policy import resume, stop
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Stop(Command):
    """Stop all spending at once; what a provider has taken already goes on."""

    name: ClassVar[str] = "stop"
    for_operators: ClassVar[bool] = True

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        studio.policy.require_operator(context.user)
        await stop(tx, context.user, studio.now())
        return Text("stopped")


@dataclass(frozen=True, kw_only=True)
class Resume(Command):
    """Let spending go on."""

    name: ClassVar[str] = "resume"
    for_operators: ClassVar[bool] = True

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        studio.policy.require_operator(context.user)
        await resume(tx)
        return Text("resumed")
