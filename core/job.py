"""A durable piece of work and its strictly forward life."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from core.context import Address, User
from core.errors import Conflict
from core.work import Work


class Status(StrEnum):
    """Where a job stands; each is written before the act it announces."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    FETCHING = "fetching"
    IN_DOUBT = "in_doubt"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


AFTER: Mapping[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.SUBMITTING, Status.CANCELLED, Status.FAILED}),
    Status.SUBMITTING: frozenset(
        # Once more itself: an order that surely was not taken is announced anew.
        {Status.SUBMITTING, Status.SUBMITTED, Status.IN_DOUBT, Status.FAILED, Status.CANCELLED}
    ),
    Status.SUBMITTED: frozenset({Status.FETCHING, Status.FAILED, Status.CANCELLED}),
    Status.FETCHING: frozenset({Status.DONE, Status.FAILED, Status.CANCELLED}),
    Status.IN_DOUBT: frozenset({Status.SUBMITTED, Status.FAILED, Status.CANCELLED}),
    Status.DONE: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}

OPEN = frozenset(status for status, after in AFTER.items() if after)
"""A restart takes these up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The provider's name for a job, and the addresses to follow it by."""

    id: str
    urls: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One order: what to make, for whom, where the answer goes, and how far it is."""

    id: str
    request: str
    number: int
    """Place among the jobs of one request, from 0."""
    address: Address
    user: User
    locale: str
    provider: str
    model: str
    work: Work
    hold: int
    """Micro-dollars reserved: the most it can cost."""
    created_at: datetime
    status: Status = Status.QUEUED
    private: bool = False
    parent: str = ""
    remote: Remote | None = None
    cost: int | None = None
    """Micro-dollars it did cost, once known."""
    error: str = ""
    error_values: Mapping[str, str | int | float | bool] = field(
        default_factory=dict[str, str | int | float | bool]
    )
    cancel_asked: bool = False
    status_message: str = ""
    """The platform's id of the status line, once one was sent."""
    finished_at: datetime | None = None
    ordered_at: datetime | None = None
    """When its paid order was announced: a search looks no further back. None while none is out."""
    doubted_at: datetime | None = None
    """When the search for its lost order began; None while there is none."""

    def to(self, status: Status, **changes: Any) -> Self:
        """Step forward, or raise Conflict when that way does not exist."""
        if status not in AFTER[self.status]:
            raise Conflict("job_state", job=self.id, status=self.status)
        return replace(self, status=status, **changes)

    @property
    def unordered(self) -> bool:
        """Whether surely nothing is out at its provider: it may be ordered, or let be unpaid."""
        announced = self.status is Status.SUBMITTING
        return self.status is Status.QUEUED or (announced and self.ordered_at is None)

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return not AFTER[self.status]
