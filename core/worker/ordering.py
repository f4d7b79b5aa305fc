"""The paid step: the intent is written, one order is sent, what came back is written.

`ordered_at` says that an order may be out: it is written before the order is sent and taken back
when the provider has surely not taken it. Only in between can a kill leave the job in doubt.
"""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from core import metrics
from core.errors import InDoubt, ProviderError, StudioError, UserError
from core.job import Job, Remote, Status
from core.ports import Order, Provider
from core.providers.breaker import Breaker
from core.replies import Progress, Stage
from core.studio import Studio
from core.worker.beside import to_the_end
from core.worker.doubt import adopt
from core.worker.ending import Ended, end
from core.worker.owed import passing
from core.worker.pauses import pause
from core.worker.status import StatusLine
from core.worker.steps import cancel_asked, save

log = structlog.get_logger(__name__)

NOTICEABLE = 2.0
"""Seconds from which a wait is told."""


class KeptInLine(Exception):
    """An order was not taken, as others have found out too: it is sent later."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """Orders one job."""

    studio: Studio
    provider: Provider
    breaker: Breaker
    line: StatusLine
    look: asyncio.Event
    """Set when the job's row changed."""
    pauses: Sequence[float]

    async def until_taken(self, job: Job, order: Order) -> Job:
        """Order, and again only where it was surely not taken; return the job gone on.

        What may take long is done before the intent is written: then only the paid call is left,
        which no stop, no cancellation and no full disk may come before.

        Raises:
            Ended: it was cancelled before.
            Refused: an operator has stopped all spending.
            StoreFailing: there is no room to keep what would be made.
            InDoubt: it may have been taken.
            KeptInLine: it was not taken, and another order has found out why.
            ProviderError: it was not taken.
        """
        tries, ready, known = 0, None, False
        while True:
            await self._check(job)
            try:
                with self.breaker.counting():
                    try:
                        ready = ready or await self.provider.prepare(order)
                        job = await self._announced(job)
                        return await to_the_end(self._taken(job, ready))
                    finally:
                        known = self.breaker.is_open  # by what another order has met
            except InDoubt:
                raise
            except ProviderError as error:
                found_out = self.breaker.is_open and not known
                job = await save(self.studio, job, replace(job, ordered_at=None))
                if found_out or not passing(error):
                    raise
                tries += 1
                left_alone = known or self.breaker.is_open
                wait = 0.0 if left_alone else pause(error, self.pauses, tries)
            await self._wait(job, wait)
            if self.breaker.is_open:
                raise KeptInLine

    async def _check(self, job: Job) -> None:
        """End a job that was cancelled, before anything of it leaves the house."""
        if await cancel_asked(self.studio, job.id):
            await end(self.studio, job.id, Status.CANCELLED, StudioError("cancelled"))
            raise Ended

    async def _announced(self, job: Job) -> Job:
        """Write that an order goes out, unless somebody has thought better of it by then."""
        await self._check(job)
        if job.hold:
            await self.studio.room.check()
        intent = job.to(Status.SUBMITTING, ordered_at=self.studio.now())
        async with self.studio.database.transaction() as tx:
            await self.studio.policy.check_running(tx, job)
            await tx.jobs.save(intent, job)
        return intent

    async def _taken(self, job: Job, order: Order) -> Job:
        """Keep what the provider took; whatever breaks on the way leaves the order in doubt."""
        try:
            taken = await adopt(self.studio, job, await self._ordered(order))
        except (ProviderError, UserError):
            raise
        except Exception as error:
            log.exception("order_broken_off", job=job.id)
            raise InDoubt("in_doubt", detail=type(error).__name__) from error
        if taken is None:
            raise InDoubt("in_doubt", detail="another job has this remote")
        return taken

    async def _ordered(self, order: Order) -> Remote:
        trial = self.breaker.is_open
        remote = await self.provider.order(order)
        metrics.orders.labels(order.spec.provider).inc()
        self.breaker.took_order(trial=trial)
        log.info("job_ordered", job=order.job, provider=order.spec.provider, remote=remote.id)
        return remote

    async def _wait(self, job: Job, seconds: float) -> None:
        """Wait as long as the provider asks, or until the job is cancelled."""
        if seconds >= NOTICEABLE:
            cancel = f"cancel:{job.id}"
            self.line.tell(
                Progress(job.id, Stage.WAITING, token=cancel, seconds=math.ceil(seconds))
            )
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not await cancel_asked(self.studio, job.id):
                    await self.look.wait()
                    self.look.clear()
