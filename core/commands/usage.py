"""Tell what was spent today and what is left."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from core.command import Command
from core.context import Context
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Usage(Command):
    """Tell what was spent today and what is left."""

    name: ClassVar[str] = "usage"

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        spent = await tx.ledger.today(context.user, studio.now())
        left = studio.policy.left(context.user, spent.by_user, spent.by_all)
        if not studio.policy.may_spend(context.user):
            return Text("usage.not_allowed", {"user": context.user.key})
        return Text("usage.today", {"spent": spent.by_user, "left": left})
