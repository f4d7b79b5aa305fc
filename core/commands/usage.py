"""Tell what was spent and what is left."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.budget import EVERYONE, Period, Scope, of_chat, of_user
from core.command import Command, Option
from core.context import Context
from core.money.policy import least_left
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio

DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Usage(Command):
    """Tell what was spent, by oneself or in this chat, and what is left."""

    name: ClassVar[str] = "usage"

    by: Annotated[str, Option(choices=("me", "chat", "model", "day"))] = "me"

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        mine, now = of_user(context.user), studio.now()
        if self.by == "chat":
            return Text("usage.chat", await _sums(tx, of_chat(context.chat), studio))
        if self.by == "me":
            return await _own(studio, context, tx)
        # Whoever runs the studio sees what it spent as a whole.
        scope = EVERYONE if studio.policy.is_operator(context.user) else mine
        if self.by == "model":
            sums = await tx.ledger.by_model(scope, now)
            lines = [Text("usage.line", {"name": name, "spent": spent}) for name, spent in sums]
        else:
            days = await tx.ledger.by_day(scope, DAYS)
            lines = [Text("usage.line", {"name": str(day), "spent": spent}) for day, spent in days]
        title = f"usage.by_{self.by}" if lines else "usage.empty"
        return Text(title, {"count": len(lines)}, tuple(lines))


async def _own(studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
    policy, user = studio.policy, context.user
    if not await policy.may_spend(tx, user, context.address):
        return Text("usage.not_allowed", {"user": user.key})
    uses = await policy.uses(tx, user, context.address, studio.now())
    sums = await _sums(tx, of_user(user), studio)
    return Text("usage.today", {**sums, "left": least_left(uses)})


async def _sums(tx: UnitOfWork, scope: Scope, studio: Studio) -> dict[str, int]:
    today, month = await tx.ledger.sums([(scope, Period.DAY), (scope, Period.MONTH)], studio.now())
    return {"spent": today, "month": month}
