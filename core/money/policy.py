"""The rules of spending: who may, how much, and when to ask first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.budget import EVERYONE, Cap, Period, Use, of_roles, of_user, scopes
from core.context import Address, User
from core.errors import LimitReached, Refused
from core.job import Job
from core.ports import UnitOfWork

HOME = frozenset({"web", "cli"})
"""Whoever signed in to the web chat or sits at the terminal runs this studio."""
LITTLE = 5
"""Less than one part in so many of a day's budget is little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who may spend, and the limits in micro-dollars."""

    operators: frozenset[str]
    """User keys such as `telegram:1001`."""
    access: Literal["allowed", "everyone"]
    per_day: int
    per_user_per_day: int
    confirm_above: int
    jobs_per_user: int = 8
    """Jobs of one person that run side by side."""
    jobs_per_provider: int = 24
    """Jobs on one provider's account that run side by side."""
    asks_per_minute: int = 30
    """Of one person; an operator may ask as often as they like."""

    def is_operator(self, user: User) -> bool:
        """Whether this person may do everything."""
        return user.platform in HOME or user.key in self.operators

    def require_operator(self, user: User) -> None:
        """Refuse everybody else."""
        if not self.is_operator(user):
            raise Refused("operators_only")

    async def may_spend(self, tx: UnitOfWork, user: User, address: Address) -> bool:
        """Whether this person may order here what costs money; one denial outweighs all else."""
        if self.is_operator(user):
            return True
        rules = await tx.access.rules([*scopes(user, address)[1:], *of_roles(user)])
        return all(rules.values()) and (self.access == "everyone" or bool(rules))

    async def check_running(self, tx: UnitOfWork, job: Job) -> None:
        """Refuse what costs money while an operator has stopped all spending."""
        if job.hold and await stopped(tx):
            raise Refused("stopped")

    async def check_allowed(self, tx: UnitOfWork, user: User, address: Address) -> None:
        """Refuse whoever may not order here, or not now, what costs money."""
        if await stopped(tx):
            raise Refused("stopped")
        if not await self.may_spend(tx, user, address):
            raise Refused("may_not_spend", user=user.key)

    async def reserve(self, tx: UnitOfWork, job: Job) -> None:
        """Hold the most a job can cost, or say why not."""
        if job.hold == 0:
            return
        user, address, now = job.user, job.address, job.created_at
        await self.check_allowed(tx, user, address)
        if not await tx.ledger.hold(job, await self.caps(tx, user, address), now):
            left = least_left(await self.uses(tx, user, address, now))
            raise LimitReached("budget", cost=job.hold, left=left)

    async def caps(self, tx: UnitOfWork, user: User, address: Address) -> tuple[Cap, ...]:
        """List what binds this person here: what operators set goes before the settings."""
        preset = self._preset(user)
        chosen = await tx.budgets.of(scopes(user, address))
        by_place = {(cap.scope, cap.period): cap for cap in (*preset, *chosen)}
        return tuple(by_place.values())

    def _preset(self, user: User) -> list[Cap]:
        """State what the settings say; an operator is bound by the day's total alone."""
        caps = [Cap(EVERYONE, Period.DAY, self.per_day)]
        if not self.is_operator(user):
            caps.append(Cap(of_user(user), Period.DAY, self.per_user_per_day))
        return caps

    async def uses(
        self, tx: UnitOfWork, user: User, address: Address, now: datetime
    ) -> tuple[Use, ...]:
        """Tell how much of each cap is used."""
        caps = await self.caps(tx, user, address)
        spent = await tx.ledger.sums([(cap.scope, cap.period) for cap in caps], now)
        return tuple(map(Use, caps, spent))

    async def little_left(
        self, tx: UnitOfWork, user: User, address: Address, now: datetime
    ) -> int | None:
        """Tell what is left, once a day, when it is little of the day's budget."""
        uses = await self.uses(tx, user, address, now)
        daily = [use for use in uses if use.cap.period is Period.DAY]
        if not any(use.left * LITTLE < use.cap.amount for use in daily):
            return None
        first = await tx.budgets.first_notice(user, await tx.ledger.today(now))
        return least_left(uses) if first else None


def least_left(uses: Sequence[Use]) -> int:
    """Compute what every cap still allows, in micro-dollars."""
    return min(use.left for use in uses)


async def stopped(tx: UnitOfWork) -> bool:
    """Whether an operator has stopped all spending."""
    return (await tx.access.rules([EVERYONE])).get(EVERYONE) is False


async def stop(tx: UnitOfWork, by: User, now: datetime) -> None:
    """Stop all spending."""
    await tx.access.set(EVERYONE, by.key, now, allowed=False)


async def resume(tx: UnitOfWork) -> None:
    """Let spending go on."""
    await tx.access.remove(EVERYONE)
