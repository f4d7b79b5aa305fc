"""What it cost, who may spend, and what things cost."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from core.budget import Cap, Period, Price, Scope
from core.context import User
from core.job import Job


class Ledger(Protocol):
    """Money: append-only entries of holds, settlements and releases.

    Its day never goes back: when the clock does, the newest day that was seen still counts.
    """

    async def hold(self, job: Job, caps: Sequence[Cap], now: datetime) -> bool:
        """Reserve the job's `hold` in one statement; False when a cap would be passed."""
        ...

    async def settle(self, job_id: str, cost: int, now: datetime) -> None:
        """Replace the hold by what it did cost."""
        ...

    async def release(self, job_id: str, now: datetime) -> None:
        """Give the hold back."""
        ...

    async def today(self, now: datetime) -> date:
        """Name the day on which money counts now."""
        ...

    async def sums(self, counted: Sequence[tuple[Scope, Period]], now: datetime) -> tuple[int, ...]:
        """Sum what is spent or held, in micro-dollars, for each of what is to be counted."""
        ...

    async def by_model(self, scope: Scope, now: datetime) -> tuple[tuple[str, int], ...]:
        """Sum this month's spending per model, the dearest first."""
        ...

    async def by_day(self, scope: Scope, limit: int) -> tuple[tuple[date, int], ...]:
        """Sum the spending of the newest days, newest first."""
        ...


class Budgets(Protocol):
    """The caps that operators have set, and who was told that little is left."""

    async def of(self, scopes: Sequence[Scope]) -> tuple[Cap, ...]:
        """List the caps of these scopes."""
        ...

    async def all(self) -> tuple[Cap, ...]:
        """List every cap."""
        ...

    async def set(self, cap: Cap, by: User, now: datetime) -> None:
        """Keep a cap, in place of an older one for the same scope and period."""
        ...

    async def remove(self, scope: Scope, period: Period) -> None:
        """Drop a cap, so that what the settings say counts again."""
        ...

    async def first_notice(self, user: User, day: date) -> bool:
        """Note that this person is told today; False when they were told already."""
        ...


class Access(Protocol):
    """Whom operators have allowed or denied to spend, and their invitations."""

    async def rules(self, scopes: Sequence[Scope]) -> Mapping[Scope, bool]:
        """Read which of these scopes are allowed (True) or denied (False)."""
        ...

    async def set(self, scope: Scope, by: str, now: datetime, *, allowed: bool) -> None:
        """Allow or deny a scope; the newest word counts."""
        ...

    async def remove(self, scope: Scope) -> None:
        """Forget what was said about a scope."""
        ...

    async def invite(self, digest: str, by: User, now: datetime, until: datetime) -> None:
        """Keep an invitation by the SHA-256 of its code."""
        ...

    async def redeem(self, digest: str, by: User, now: datetime) -> str | None:
        """Use an invitation up and name who made it; None when it is not good."""
        ...


class Prices(Protocol):
    """What providers said last about their prices; it goes before the catalogue."""

    async def put(self, told: Sequence[Price], now: datetime) -> None:
        """Keep prices in place of older ones."""
        ...

    async def get(self, endpoint: str) -> Price | None:
        """Find the price of an endpoint."""
        ...
