"""The worker: takes up what is open at start, drives what is new, delivers what is owed."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

import structlog
from structlog.contextvars import bind_contextvars

from core import metrics
from core.errors import DeliveryFailed, StorageError
from core.job import Job, Status
from core.ports import Delivery
from core.studio import Studio
from core.worker.account import report
from core.worker.beside import to_the_end
from core.worker.board import Board
from core.worker.deliver import deliver, postpone
from core.worker.doubt import ROUNDS
from core.worker.drive import Drive
from core.worker.insist import insisting
from core.worker.pauses import PAUSES
from core.worker.queue import Line, Shares
from core.worker.reach import Reach

log = structlog.get_logger(__name__)

AT_ONCE = 32
"""Jobs driven side by side; the rest wait in line, a few words each."""
BATCH = 100
"""Woken jobs that are read at once."""
PAUSE = 1.0
"""Seconds until a database that could not be read is tried again."""
DELIVERIES = 8
IDLE = 60.0
"""Seconds after which the outbox is looked at even when nobody rang."""


class Worker:
    """Drives jobs and empties the outbox; the database alone knows what is left to do."""

    def __init__(
        self,
        studio: Studio,
        *,
        at_once: int = AT_ONCE,
        alone: bool = True,
        rounds: Sequence[float] = ROUNDS,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """Make a worker; one that is not `alone` leaves the jobs of others to them.

        `rounds` says when to look for an order in doubt, in seconds after its answer was lost;
        `pauses`, how many seconds lie between two tries of one act at a provider.
        """
        self._studio = studio
        self._drive = Drive(studio, rounds, pauses)
        self.alone = alone
        """Whether every job of its platforms is its own to drive."""
        self._began = studio.now()
        self._mine: set[str] = set()
        self._at_once = at_once
        policy = studio.policy
        shares = Shares(per_user=policy.jobs_per_user, per_provider=policy.jobs_per_provider)
        self._line = Line(shares)
        self._board = Board(studio, self._line)
        self._woken: list[str] = []
        self._bell = asyncio.Event()
        self._driven: dict[str, asyncio.Event] = {}
        self._parked: dict[str, asyncio.TimerHandle] = {}
        self._delivering: set[str] = set()
        self._owed = asyncio.Event()
        self._reach = Reach(studio.messengers)

    def wake(self, jobs: Iterable[str]) -> None:
        """Drive new jobs, and nudge those whose row has changed."""
        for job in jobs:
            if not self.alone:
                self._mine.add(job)
            self._woken.append(job)
        self._bell.set()

    async def run(self) -> None:
        """Work until cancelled; stopping leaves every job where a restart finds it."""
        if self.alone:
            async with self._studio.database.reading() as tx:
                self._line_up(await tx.jobs.open(tuple(self._studio.messengers)))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._start_jobs(group))
                group.create_task(self._board.keep(group))
                for breaker in self._studio.breakers.values():
                    group.create_task(report(self._studio, breaker))
                while True:
                    await self._empty_outbox(group)
        finally:
            for timer in self._parked.values():
                timer.cancel()

    async def _start_jobs(self, group: asyncio.TaskGroup) -> None:
        """Start whose turn it is, whenever somebody comes or a place is free."""
        clock = asyncio.get_running_loop()
        self._bell.set()
        while True:
            await self._bell.wait()
            self._bell.clear()
            await self._take_in()
            metrics.jobs_waiting.set(len(self._line))
            while self._line.running < self._at_once and (one := self._line.call(clock.time())):
                self._driven[one.job] = asyncio.Event()
                group.create_task(self._run(one.job))

    async def _take_in(self) -> None:
        """Read who was woken, and let them join the line."""
        while self._woken:
            some = self._woken[:BATCH]
            try:
                async with self._studio.database.reading() as tx:
                    found = [await tx.jobs.get(job) for job in some]
            except StorageError as error:
                log.warning("woken_jobs_not_read", error=error.key)
                await asyncio.sleep(PAUSE)
                continue
            del self._woken[: len(some)]
            self._line_up(job for job in found if job is not None)

    def _line_up(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            if job.id in self._driven:
                self._driven[job.id].set()
            elif job.finished:
                # Somebody gave it up: there is only its ending to tell.
                self._park(job.id, None)
                self._owed.set()
            elif job.cancel_asked and not self.alone:
                log.info("cancellation_left_to_whoever_drives_it", job=job.id)
            else:
                self._line.put(job)

    async def _run(self, job: str) -> None:
        bind_contextvars(job=job)
        again: float | None = None
        nudged = self._driven[job]
        try:
            await self._board.quiet(job)
            again = await self._drive(job, nudged)
        except Exception:
            log.exception("job_broken_off", job=job)
            again = self._drive.pauses[-1]
        finally:
            del self._driven[job]
            self._line.done(job)
            self._bell.set()
        self._park(job, 0.0 if nudged.is_set() else again)
        self._owed.set()

    def _park(self, job: str, seconds: float | None) -> None:
        """Drive a job again after some time: so long it holds nobody up."""
        if job in self._parked:
            self._parked.pop(job).cancel()
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._parked[job] = loop.call_later(seconds, self.wake, (job,))

    @insisting
    async def _empty_outbox(self, group: asyncio.TaskGroup) -> None:
        """Start what is due, then wait for the next promise or for the bell."""
        self._owed.clear()
        busy = frozenset(self._delivering)  # what ends while this reads still looks open to it
        now, here = self._studio.now(), self._reach.within()
        async with self._studio.database.reading() as tx:
            due = await tx.outbox.due(now, here, DELIVERIES + len(self._delivering))
        for delivery in due:
            if delivery.job not in busy and self._may_deliver(delivery):
                self._delivering.add(delivery.job)
                group.create_task(self._deliver(delivery))
        async with self._studio.database.reading() as tx:
            later = await tx.outbox.next_due(now, here)
        waits = [IDLE, self._reach.wait(), later and (later - now).total_seconds()]
        wait = min(one for one in waits if one is not None)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._owed.wait()

    def _may_deliver(self, delivery: Delivery) -> bool:
        job = delivery.job
        ours = self.alone or job in self._mine
        # Whoever still drives an ended job may be sending its status line, not noted yet.
        leaving = delivery.ending is not Status.IN_DOUBT and job in self._driven
        busy = leaving or job in self._delivering
        return ours and not busy and len(self._delivering) < DELIVERIES

    async def _deliver(self, delivery: Delivery) -> None:
        bind_contextvars(job=delivery.job)
        try:
            # What the platform has taken and we have not noted would be sent again.
            await to_the_end(deliver(self._studio, delivery, self._began, self._reach))
        except Exception:
            log.exception("delivery_failed_unexpectedly", job=delivery.job)
            await postpone(self._studio, delivery, DeliveryFailed("unexpected"))
        finally:
            self._delivering.discard(delivery.job)
            self._owed.set()
