"""See the budgets that bind one; operators set them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, ClassVar

from typing_extensions import override

from core.budget import Cap, Period, Use
from core.command import Command, Option
from core.context import Context
from core.errors import BadCommand
from core.money.who import one_with_budget
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio

MOST = 1_000_000
"""Dollars."""
NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Budget(Command):
    """See the budgets that bind one; an operator may set one."""

    name: ClassVar[str] = "budget"

    who: Annotated[str, Option()] = ""
    amount: Annotated[str, Option()] = ""
    period: Annotated[str, Option(choices=tuple(Period))] = Period.DAY.value

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        if self.amount:
            return await self._set(studio, context, tx)
        policy, now = studio.policy, studio.now()
        lines = _uses(await policy.uses(tx, context.user, context.address, now))
        if policy.is_operator(context.user):
            lines += [Text("budget.set", _values(cap)) for cap in await tx.budgets.all()]
        return Text("budget.title", {}, tuple(lines))

    async def _set(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        studio.policy.require_operator(context.user)
        scope = await one_with_budget(tx, context, self.name, self.who)
        period = Period(self.period)
        if self.amount == NONE:
            await tx.budgets.remove(scope, period)
            return Text("budget.removed", {"who": scope.name, "period": _word(period)})
        cap = Cap(scope, period, _micro_dollars(self.amount))
        await tx.budgets.set(cap, context.user, studio.now())
        return Text("budget.set", _values(cap))


def _uses(uses: Iterable[Use]) -> list[Text]:
    return [Text("budget.line", {**_values(use.cap), "spent": use.spent}) for use in uses]


def _values(cap: Cap) -> dict[str, str | int]:
    return {"who": cap.scope.name, "period": _word(cap.period), "amount": cap.amount}


def _word(period: Period) -> str:
    return f"@period.{period}"


def _micro_dollars(amount: str) -> int:
    """Read dollars as people write them."""
    try:
        dollars = Decimal(amount.strip().removeprefix("$").replace(",", "."))
        if 0 <= dollars <= MOST:  # what is no number is not comparable either
            return int(dollars * 1_000_000)
    except InvalidOperation:
        pass
    raise BadCommand("amount", given=amount)
