"""The worker: takes up what is open at start, drives what is new, delivers what is owed."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import structlog

from core import metrics
from core.errors import DeliveryFailed
from core.ports import Delivery
from core.studio import Studio
from core.worker.beside import to_the_end
from core.worker.deliver import deliver, postpone
from core.worker.drive import drive

log = structlog.get_logger(__name__)

AT_ONCE = 32
"""Jobs driven side by side; the rest wait as ids only."""
DELIVERIES = 8
IDLE = 60.0
"""Seconds after which the outbox is looked at even when nobody rang."""


class Worker:
    """Drives jobs and empties the outbox; the database alone knows what is left to do."""

    def __init__(self, studio: Studio, *, at_once: int = AT_ONCE, alone: bool = True) -> None:
        """Make a worker; one that is not `alone` leaves the jobs of others to them."""
        self._studio = studio
        self._alone = alone
        self._began = studio.now()
        self._mine: set[str] = set()
        self._at_once = at_once
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._known: dict[str, asyncio.Event] = {}
        self._delivering: set[str] = set()
        self._owed = asyncio.Event()

    def wake(self, jobs: Iterable[str]) -> None:
        """Drive new jobs, and nudge those whose row has changed."""
        for job in jobs:
            if not self._alone:
                self._mine.add(job)
            if job in self._known:
                self._known[job].set()
            else:
                self._known[job] = asyncio.Event()
                self._waiting.put_nowait(job)
                metrics.jobs_waiting.inc()

    async def run(self) -> None:
        """Work until cancelled; stopping leaves every job where a restart finds it."""
        if self._alone:
            async with self._studio.database.reading() as tx:
                self.wake(job.id for job in await tx.jobs.open(tuple(self._studio.messengers)))
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._serve())
            while True:
                await self._empty_outbox(group)

    async def _serve(self) -> None:
        while True:
            job = await self._waiting.get()
            metrics.jobs_waiting.dec()
            try:
                await drive(self._studio, job, self._known[job])
            except Exception:
                log.exception("job_left_for_the_next_start", job=job)
            finally:
                del self._known[job]
            self._owed.set()

    async def _empty_outbox(self, group: asyncio.TaskGroup) -> None:
        """Start what is due, then wait for the next promise or for the bell."""
        self._owed.clear()
        now = self._studio.now()
        async with self._studio.database.reading() as tx:
            here = tuple(self._studio.messengers)
            due = await tx.outbox.due(now, here, DELIVERIES + len(self._delivering))
            later = await tx.outbox.next_due(now, here)
        for delivery in due:
            if self._may_deliver(delivery.job):
                self._delivering.add(delivery.job)
                group.create_task(self._deliver(delivery))
        wait = IDLE if later is None else min(IDLE, (later - now).total_seconds())
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._owed.wait()

    def _may_deliver(self, job: str) -> bool:
        ours = self._alone or job in self._mine
        return ours and job not in self._delivering and len(self._delivering) < DELIVERIES

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            # What the platform has taken and we have not noted would be sent again.
            await to_the_end(deliver(self._studio, delivery, self._began))
        except Exception:
            log.exception("delivery_failed_unexpectedly", job=delivery.job)
            await postpone(self._studio, delivery, DeliveryFailed("unexpected"))
        finally:
            self._delivering.discard(delivery.job)
            self._owed.set()
