"""The rules of spending: who may, how much, and when to ask first."""

from dataclasses import dataclass
from typing import Literal

from core.context import User
from core.errors import LimitReached, Refused
from core.job import Job
from core.ports import Limits, UnitOfWork

HOME = frozenset({"web", "cli"})
"""Whoever signed in to the web chat or sits at the terminal runs this studio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who may spend, and the limits in micro-dollars."""

    operators: frozenset[str]
    """User keys such as `telegram:1001`."""
    access: Literal["allowed", "everyone"]
    per_day: int
    per_user_per_day: int
    confirm_above: int

    def is_operator(self, user: User) -> bool:
        """Whether this person may do everything."""
        return user.platform in HOME or user.key in self.operators

    def limits(self, user: User) -> Limits:
        """State the limits that bind this person; an operator is bound by the day's total."""
        per_user = None if self.is_operator(user) else self.per_user_per_day
        return Limits(per_day=self.per_day, per_user_per_day=per_user)

    def may_spend(self, user: User) -> bool:
        """Whether this person may order what costs money."""
        return self.access == "everyone" or self.is_operator(user)

    async def reserve(self, tx: UnitOfWork, job: Job) -> None:
        """Hold the most a job can cost, or say why not."""
        if job.hold == 0:
            return
        if not self.may_spend(job.user):
            raise Refused("may_not_spend", user=job.user.key)
        if not await tx.ledger.hold(job, self.limits(job.user), job.created_at):
            spent = await tx.ledger.today(job.user, job.created_at)
            raise LimitReached(
                "budget", cost=job.hold, left=self.left(job.user, spent.by_user, spent.by_all)
            )

    def left(self, user: User, by_user: int, by_all: int) -> int:
        """Compute what this person may still spend today, in micro-dollars."""
        rest = self.per_day - by_all
        if not self.is_operator(user):
            rest = min(rest, self.per_user_per_day - by_user)
        return max(0, rest)
