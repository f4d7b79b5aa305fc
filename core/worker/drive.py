"""One job, from its row to its ending; may be killed at any line and driven again."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import structlog

from core import metrics
from core.errors import (
    InDoubt,
    ProviderError,
    RateLimited,
    ResultLost,
    Stuck,
    StudioError,
    UserError,
)
from core.job import Job, Remote, Status
from core.money.prices import priced
from core.ports import Made, Order, Provider
from core.providers.breaker import Breaker
from core.replies import Progress, Stage
from core.studio import Studio
from core.work import Edit
from core.worker.beside import beside, to_the_end
from core.worker.doubt import adopt, next_look, seek
from core.worker.ending import Blanked, end, leave_in_doubt
from core.worker.generate import finish
from core.worker.insist import insisting
from core.worker.owed import in_the_end, still_owed
from core.worker.status import StatusLine

log = structlog.get_logger(__name__)

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries of a free call, or of an order that the provider did not take."""
LONGEST_WAIT = 300.0
"""Seconds between two tries; no provider's wish to wait is heard for longer."""


@dataclass(frozen=True, slots=True)
class Drive:
    """Drives jobs of one studio."""

    studio: Studio
    rounds: Sequence[float]
    """When to look for an order in doubt, in seconds after its answer was lost."""
    pauses: Sequence[float] = PAUSES
    """How long to wait between two tries, in seconds; after the last pause comes the last try."""

    async def __call__(self, job_id: str, nudged: asyncio.Event) -> float | None:
        """Bring a job as far as it goes; return in how many seconds to go on, None for never.

        `nudged` is set when its row changed meanwhile, or when its provider says that it did.
        """
        async with self.studio.database.reading() as tx:
            job = await tx.jobs.get(job_id)
        if job is None or job.finished:
            return None
        if job.status is Status.SUBMITTING and job.hold:
            await leave_in_doubt(self.studio, job.id, "found after a restart")
            return self.rounds[0]
        if job.status is Status.IN_DOUBT:
            found = await seek(self.studio, job)
            if found is None:
                return await next_look(self.studio, job, self.rounds)
            job = found
        return await self._along(job, nudged)

    async def _along(self, job: Job, nudged: asyncio.Event) -> float | None:
        breaker = self.studio.breakers[job.provider]
        line = StatusLine(self.studio, job)
        if job.status is Status.QUEUED and not job.cancel_asked and (wait := await breaker.wait()):
            await line.say(Progress(job.id, Stage.WAITING, token=f"cancel:{job.id}"))
            return wait
        provider = self.studio.providers[job.provider]
        way = _Way(self.studio, provider, breaker, line, nudged, self.pauses)
        async with beside(line.move(), line.show_work(), way.watch(job.id)):
            return await way.go(job, self.rounds[0])


class _Ended(Exception):
    """The job has its ending; no step is left."""


class _Way:
    def __init__(
        self,
        studio: Studio,
        provider: Provider,
        breaker: Breaker,
        line: StatusLine,
        nudged: asyncio.Event,
        pauses: Sequence[float],
    ) -> None:
        self._studio = studio
        self._provider = provider
        self._breaker = breaker
        self._line = line
        self._nudged = nudged
        self._pauses = pauses
        self._look = asyncio.Event()

    async def go(self, job: Job, first_look: float) -> float | None:
        """Take every step that is left; an error ends the job with words for the person.

        Returns in how many seconds to go on: `first_look` when it is left in doubt, else None for
        never, or as long as it takes until the provider may be asked again.
        """
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
            await leave_in_doubt(self._studio, job.id, str(error.values.get("detail", "")))
            return first_look
        except ProviderError as error:
            return await self._failed(job, error)
        except StudioError as error:
            await end(self._studio, job.id, Status.FAILED, error)
        except Exception:
            error_id = uuid4().hex[:8]
            log.exception("job_failed_unexpectedly", job=job.id, error_id=error_id)
            unexpected = StudioError("unexpected", error_id=error_id)
            await end(self._studio, job.id, Status.FAILED, unexpected)
        return None

    async def _failed(self, job: Job, error: ProviderError) -> float | None:
        """End the job, unless the provider has it and may yet tell what came of it."""
        if still_owed(job, error, self._studio.now()):
            log.info("asked_again_later", job=job.id, error=error.key)
            return max(await self._breaker.wait(), self._pauses[-1])
        if isinstance(error, Stuck) and not await self._passed_on(_remote(job)):
            error = ResultLost("result_lost", provider=job.provider, detail=error.key)
        await end(self._studio, job.id, Status.FAILED, in_the_end(job, error))
        return None

    async def watch(self, job_id: str) -> None:
        """Look at once when nudged; pass a cancellation on, the job may complete all the same."""
        passed_on, again = False, None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(again or self._line.pace.look_every):
                    await self._nudged.wait()
                    self._look.set()
            self._nudged.clear()
            job = await self._now(job_id)
            if job and job.cancel_asked and job.remote is not None and not passed_on:
                passed_on = await self._passed_on(job.remote)
                again = None if passed_on else self._pauses[-1]

    async def _passed_on(self, remote: Remote) -> bool:
        try:
            await self._provider.cancel(remote)
        except ProviderError as error:
            log.warning("cancel_not_passed_on", remote=remote.id, error=error.key)
            return False
        return True

    @insisting
    async def _now(self, job_id: str) -> Job | None:
        async with self._studio.database.reading() as tx:
            return await tx.jobs.get(job_id)

    async def _cancel_asked(self, job_id: str) -> bool:
        job = await self._now(job_id)
        return job is not None and job.cancel_asked

    @insisting
    async def _save(self, was: Job, job: Job) -> Job:
        async with self._studio.database.transaction() as tx:
            await tx.jobs.save(job, was)
        return job

    async def _order(self, job: Job) -> Order:
        plain = self._studio.catalogue.model(job.provider, job.model)
        async with self._studio.database.reading() as tx:
            spec = await priced(tx, plain, job.work.task)
        inputs: dict[str, bytes] = {}
        if isinstance(job.work, Edit):
            for sha256 in filter(None, (job.work.image, job.work.mask_image)):
                inputs[sha256] = await self._studio.images.get(sha256)
        return Order(job=job.id, spec=spec, work=job.work, inputs=inputs)

    async def _submit(self, job: Job, order: Order) -> Job:
        """Write the intent, send the one paid order, write what came back."""
        if job.status is Status.QUEUED:
            if await self._cancel_asked(job.id):
                await end(self._studio, job.id, Status.CANCELLED, StudioError("cancelled"))
                raise _Ended
            job = await self._intend(job)
        return await to_the_end(self._taken(job, order))

    async def _intend(self, job: Job) -> Job:
        """Write the intent, unless an operator has stopped all spending by then."""
        intent = job.to(Status.SUBMITTING, ordered_at=self._studio.now())
        async with self._studio.database.transaction() as tx:
            await self._studio.policy.check_running(tx, job)
            await tx.jobs.save(intent, job)
        return intent

    async def _taken(self, job: Job, order: Order) -> Job:
        """Keep what the provider took; whatever breaks on the way leaves the order in doubt."""
        try:
            taken = await adopt(self._studio, job, await self._ordered(job, order))
        except (ProviderError, UserError):
            raise
        except Exception as error:
            log.exception("order_broken_off", job=job.id)
            raise InDoubt("in_doubt", detail=type(error).__name__) from error
        if taken is None:
            raise InDoubt("in_doubt", detail="another job has this remote")
        return taken

    async def _ordered(self, job: Job, order: Order) -> Remote:
        """Send the order again only where it certainly was not taken."""
        attempt = 0
        while True:
            if attempt:
                async with self._studio.database.reading() as tx:
                    await self._studio.policy.check_running(tx, job)
            try:
                with self._breaker.counting():
                    remote = await self._provider.order(order)
            except ProviderError as error:
                if self._breaker.is_open:
                    raise
                await self._wait_or_raise(error, attempt)
                attempt += 1
            else:
                metrics.orders.labels(order.spec.provider).inc()
                self._breaker.took_order()
                return remote

    async def _follow(self, job: Job) -> Job:
        remote = _remote(job)
        if await self._cancel_asked(job.id):
            self._nudged.set()  # asked before there was anything to cancel, or before a restart
        attempt = 0
        while True:
            try:
                with self._breaker.counting():
                    async for step in self._provider.follow(remote, self._look):
                        stage = Stage.DRAWING if step.running else Stage.QUEUED
                        self._tell(job, stage, step.done, step.percent, step.position)
                break
            except ProviderError as error:
                await self._wait_or_raise(error, attempt)
                attempt += 1
        return await self._save(job, job.to(Status.FETCHING))

    def _tell(
        self, job: Job, stage: Stage, done: int, percent: int | None, position: int | None
    ) -> None:
        total = job.work.num_images
        cancel = f"cancel:{job.id}"
        self._line.tell(Progress(job.id, stage, done, total, percent, position, cancel))

    async def _result(self, job: Job, order: Order) -> Made:
        attempt = 0
        while True:
            try:
                with self._breaker.counting():
                    made = await self._provider.result(_remote(job), order)
                return _seen(job, made)
            except ProviderError as error:
                await self._wait_or_raise(error, attempt)
                attempt += 1

    async def _wait_or_raise(self, error: ProviderError, attempt: int) -> None:
        if not error.retryable or attempt == len(self._pauses):
            raise error
        asked = error.retry_after if isinstance(error, RateLimited) else self._pauses[attempt]
        if asked > LONGEST_WAIT:
            raise error
        await asyncio.sleep(asked)


def _remote(job: Job) -> Remote:
    if job.remote is None:
        raise ResultLost("result_lost", job=job.id)
    return job.remote


def _seen(job: Job, made: Made) -> Made:
    if made.images:
        return made
    raise Blanked(job.provider, made.cost)
