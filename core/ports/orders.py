"""What was ordered and made, and what a provider said about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.context import Chat, User
from core.job import Job
from core.picture import Picture
from core.ports.providers import Callback


class Jobs(Protocol):
    """The ledger of orders."""

    async def add(self, job: Job) -> None:
        """Keep a new job; (request, number) is unique."""
        ...

    async def get(self, job_id: str) -> Job | None:
        """Find a job."""
        ...

    async def of_request(self, request: str) -> tuple[Job, ...]:
        """List the jobs of one asking by number."""
        ...

    async def save(self, job: Job, was: Job) -> None:
        """Write a step; raise Conflict when the row is no longer in the state of `was`."""
        ...

    async def with_remote(self, provider: str, remote_id: str) -> Job | None:
        """Find the one job that a provider's name for it belongs to."""
        ...

    async def set_status_message(self, job_id: str, message: str) -> None:
        """Remember the status line, whatever state the job is in."""
        ...

    async def ask_to_cancel(self, job_id: str) -> None:
        """Note that its owner wants it cancelled."""
        ...

    async def open(self, platforms: Sequence[str]) -> tuple[Job, ...]:
        """List what a restart takes up again for these platforms, oldest first."""
        ...

    async def recent(self, user: User, limit: int) -> tuple[Job, ...]:
        """List a person's newest jobs, newest first."""
        ...


class Pictures(Protocol):
    """Which image belongs to which job."""

    async def add(self, pictures: Sequence[Picture]) -> None:
        """Keep finished pictures."""
        ...

    async def sent(self, sha256: str, chat: Chat, now: datetime) -> None:
        """Note that a person sent this picture to a chat."""
        ...

    async def of_job(self, job_id: str) -> tuple[Picture, ...]:
        """List a job's pictures by position."""
        ...

    async def named(self, sha256: str) -> bool:
        """Tell whether any row names this picture."""
        ...

    async def forget(self, job_id: str) -> tuple[str, ...]:
        """Drop a job's pictures; return the hashes that no other row shares."""
        ...

    async def known(self, sha256: str, chat: Chat) -> bool:
        """Tell whether a picture was made or sent in this chat."""
        ...


class Callbacks(Protocol):
    """What providers called back with, each message once."""

    async def put(self, provider: str, callback: "Callback", job_id: str, now: datetime) -> bool:
        """Keep a verified message; False when it was used before."""
        ...

    async def of_job(self, job_id: str) -> tuple[str, ...]:
        """List the providers' names that messages about a job gave for it."""
        ...
