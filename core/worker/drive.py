"""One job, from its row to its ending; may be killed at any line and driven again."""

import asyncio
from uuid import uuid4

import structlog

from core import metrics
from core.errors import (
    InDoubt,
    ProviderError,
    ProviderRefused,
    RateLimited,
    ResultLost,
    StudioError,
)
from core.job import AFTER, Job, Remote, Status
from core.ports import Made, Order, Provider
from core.replies import Progress, Stage
from core.studio import Studio
from core.work import Edit
from core.worker.beside import beside, to_the_end
from core.worker.generate import finish
from core.worker.status import StatusLine

log = structlog.get_logger(__name__)

TRIES = 6
"""Of a free call, and of an order that the provider did not take."""
LONGEST_WAIT = 60.0
"""Seconds between two tries."""


async def drive(studio: Studio, job_id: str, nudged: asyncio.Event) -> None:
    """Bring a job to its ending; `nudged` is set when its row changed meanwhile."""
    async with studio.database.reading() as tx:
        job = await tx.jobs.get(job_id)
    if job is None or job.finished or job.status is Status.IN_DOUBT:
        return
    if job.cancel_asked:
        nudged.set()  # a crash may have come before the provider was told
    line = StatusLine(studio, job)
    driving = _Drive(studio, studio.providers[job.provider], line)
    async with beside(line.move(), line.show_work(), driving.watch(job.id, nudged)):
        await driving.advance(job)


class _Ended(Exception):
    """The job has its ending; no step is left."""


class _Blanked(ProviderRefused):
    """The safety checker left nothing, and what it blanked is billed."""

    def __init__(self, provider: str, cost: int | None) -> None:
        super().__init__("all_blanked", provider=provider)
        self.cost = cost


class _Drive:
    def __init__(self, studio: Studio, provider: Provider, line: StatusLine) -> None:
        self._studio = studio
        self._provider = provider
        self._line = line

    async def advance(self, job: Job) -> None:
        """Take every step that is left; an error ends the job with words for the person."""
        try:
            order = await self._order(job)
            if job.status in {Status.QUEUED, Status.SUBMITTING}:
                job = await self._submit(job, order)
            if job.status is Status.SUBMITTED:
                job = await self._follow(job)
            made = await self._result(job, order)
            await finish(self._studio, job, order.spec, made)
        except _Ended:
            pass
        except InDoubt as error:
            await self._end(job.id, Status.IN_DOUBT, error)
        except StudioError as error:
            await self._end(job.id, Status.FAILED, error)
        except Exception:
            error_id = uuid4().hex[:8]
            log.exception("job_failed_unexpectedly", job=job.id, error_id=error_id)
            await self._end(job.id, Status.FAILED, StudioError("unexpected", error_id=error_id))

    async def watch(self, job_id: str, nudged: asyncio.Event) -> None:
        """Pass a cancellation on to the provider; the job may complete all the same."""
        while True:
            await nudged.wait()
            nudged.clear()
            job = await self._now(job_id)
            if job.cancel_asked and job.remote is not None:
                try:
                    await self._provider.cancel(job.remote)
                except ProviderError as error:
                    log.warning("cancel_not_passed_on", job=job_id, error=error.key)

    async def _now(self, job_id: str) -> Job:
        async with self._studio.database.reading() as tx:
            job = await tx.jobs.get(job_id)
        if job is None:
            raise _Ended
        return job

    async def _save(self, was: Job, job: Job) -> Job:
        async with self._studio.database.transaction() as tx:
            await tx.jobs.save(job, was)
        return job

    async def _order(self, job: Job) -> Order:
        spec = self._studio.catalogue.model(job.provider, job.model)
        inputs: dict[str, bytes] = {}
        if isinstance(job.work, Edit):
            for sha256 in filter(None, (job.work.image, job.work.mask_image)):
                inputs[sha256] = await self._studio.images.get(sha256)
        return Order(job=job.id, spec=spec, work=job.work, inputs=inputs)

    async def _submit(self, job: Job, order: Order) -> Job:
        """Write the intent, send the one paid order, write what came back."""
        if job.status is Status.SUBMITTING and not order.spec.free:
            raise InDoubt("in_doubt", job=job.id, cost=job.hold)
        if job.status is Status.QUEUED:
            if (await self._now(job.id)).cancel_asked:
                await self._end(job.id, Status.CANCELLED, StudioError("cancelled"))
                raise _Ended
            job = await self._save(job, job.to(Status.SUBMITTING))
        return await to_the_end(self._taken(job, order))

    async def _taken(self, job: Job, order: Order) -> Job:
        """Send the order again only where it certainly was not taken."""
        for attempt in range(TRIES):
            try:
                remote = await self._provider.order(order)
                metrics.orders.labels(job.provider).inc()
                return await self._save(job, job.to(Status.SUBMITTED, remote=remote))
            except ProviderError as error:
                await _wait_or_raise(error, attempt)
        raise AssertionError

    async def _follow(self, job: Job) -> Job:
        remote = _remote(job)
        for attempt in range(TRIES):
            try:
                async for step in self._provider.follow(remote):
                    stage = Stage.DRAWING if step.running else Stage.QUEUED
                    self._tell(job, stage, step.done, step.percent, step.position)
                break
            except ProviderError as error:
                await _wait_or_raise(error, attempt)
        return await self._save(job, job.to(Status.FETCHING))

    def _tell(
        self, job: Job, stage: Stage, done: int, percent: int | None, position: int | None
    ) -> None:
        total = job.work.num_images
        cancel = f"cancel:{job.id}"
        self._line.tell(Progress(job.id, stage, done, total, percent, position, cancel))

    async def _result(self, job: Job, order: Order) -> Made:
        for attempt in range(TRIES):
            try:
                made = await self._provider.result(_remote(job), order)
                return _seen(job, made)
            except ProviderError as error:
                await _wait_or_raise(error, attempt)
        raise AssertionError

    async def _end(self, job_id: str, status: Status, error: StudioError) -> None:
        """Write the ending, the money's way and the promise to tell, in one transaction."""
        job = await self._now(job_id)
        if job.finished:
            return
        cost = _cost(job, error)
        if status is Status.FAILED and job.cancel_asked and Status.CANCELLED in AFTER[job.status]:
            status, error = Status.CANCELLED, StudioError("cancelled")
        now = self._studio.now()
        ended = job.to(
            status,
            error=error.key,
            error_values=error.values,
            finished_at=now,
            cost=cost,
        )
        async with self._studio.database.transaction() as tx:
            await tx.jobs.save(ended, job)
            if ended.finished and ended.cost:
                await tx.ledger.settle(job.id, ended.cost, now)
            elif ended.finished and ended.hold:
                await tx.ledger.release(job.id, now)
            await tx.outbox.put(job.id, now)
        metrics.jobs_ended.labels(job.provider, job.model, status).inc()
        log.info("job_ended", job=job.id, status=status, error=error.key)


def _remote(job: Job) -> Remote:
    if job.remote is None:
        raise ResultLost("result_lost", job=job.id)
    return job.remote


def _seen(job: Job, made: Made) -> Made:
    if made.images:
        return made
    raise _Blanked(job.provider, made.cost)


def _cost(job: Job, error: StudioError) -> int:
    """What was made is paid, though lost or blanked; a failure of the provider is not billed."""
    if isinstance(error, _Blanked):
        return job.hold if error.cost is None else error.cost
    lost = isinstance(error, ResultLost)
    ours = job.status is Status.FETCHING and not isinstance(error, ProviderError)
    return job.hold if lost or ours else 0


async def _wait_or_raise(error: ProviderError, attempt: int) -> None:
    if not error.retryable or attempt == TRIES - 1:
        raise error
    wait = error.retry_after if isinstance(error, RateLimited) else 0.5 * 2**attempt
    if wait > LONGEST_WAIT:
        raise error
    await asyncio.sleep(wait)
