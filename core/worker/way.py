"""The way of one job at its provider: ordered, followed, fetched, finished."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import uuid4

import structlog

from core.catalogue import ModelSpec
from core.errors import InDoubt, ProviderError, ResultLost, Stuck, StudioError
from core.job import Job, Remote, Status
from core.money.prices import priced
from core.ports import Order, Provider
from core.providers.breaker import Breaker
from core.replies import Progress, Stage
from core.studio import Studio
from core.work import Edit
from core.worker.ending import Ended, end, leave_in_doubt
from core.worker.generate import finish
from core.worker.insist import insisting
from core.worker.ordering import KeptInLine, Ordering
from core.worker.owed import in_the_end, still_owed
from core.worker.pauses import pause
from core.worker.status import StatusLine
from core.worker.steps import cancel_asked, read, save

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class Way:
    """Takes one job every step that is left."""

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
        self._ordering = Ordering(studio, provider, breaker, line, self._look, pauses)

    async def go(self, job: Job, first_look: float) -> float | None:
        """Take every step that is left; an error ends the job with words for the person.

        Returns in how many seconds to go on: `first_look` when it is left in doubt, else None for
        never, or as long as it takes until the provider may be asked again.
        """
        try:
            order = await self._order(job)
            if job.status in {Status.QUEUED, Status.SUBMITTING}:
                job = await self._ordering.until_taken(job, order)
            job = await self._follow(job)
            made = await self._tried(lambda: self._provider.result(_remote(job), order))
            await finish(self._studio, job, order.spec, made)
        except Ended:
            pass
        except InDoubt as error:
            await leave_in_doubt(self._studio, job.id, str(error.values.get("detail", "")))
            return first_look
        except KeptInLine:
            return 0.0  # it is then told to wait, as whoever comes now
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

    async def watch(self, job_id: str) -> None:
        """Look at once when nudged; pass a cancellation on, the job may complete all the same."""
        passed_on, again = False, None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(again or self._line.pace.look_every):
                    await self._nudged.wait()
                    self._look.set()
            self._nudged.clear()
            job = await read(self._studio, job_id)
            if job and job.cancel_asked and job.remote is not None and not passed_on:
                passed_on = await self._passed_on(job.remote)
                again = None if passed_on else self._pauses[-1]

    async def _order(self, job: Job) -> Order:
        spec = await self._priced(job)
        inputs: dict[str, bytes] = {}
        if isinstance(job.work, Edit) and (job.unordered or not job.hold):
            # What is taken and paid needs them no more, and they may have been deleted since.
            for sha256 in filter(None, (job.work.image, job.work.mask_image)):
                inputs[sha256] = await self._studio.images.get(sha256)
        return Order(job=job.id, spec=spec, work=job.work, inputs=inputs)

    @insisting
    async def _priced(self, job: Job) -> ModelSpec:
        plain = self._studio.catalogue.model(job.provider, job.model)
        async with self._studio.database.reading() as tx:
            return await priced(tx, plain, job.work.task)

    async def _follow(self, job: Job) -> Job:
        if job.status is Status.FETCHING:
            return job
        if await cancel_asked(self._studio, job.id):
            self._nudged.set()  # asked before there was anything to cancel, or before a restart
        await self._tried(lambda: self._followed(job, _remote(job)))
        return await save(self._studio, job, job.to(Status.FETCHING))

    async def _followed(self, job: Job, remote: Remote) -> None:
        async for step in self._provider.follow(remote, self._look):
            stage = Stage.DRAWING if step.running else Stage.QUEUED
            total, cancel = job.work.num_images, f"cancel:{job.id}"
            self._line.tell(
                Progress(job.id, stage, step.done, total, step.percent, step.position, cancel)
            )

    async def _tried(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """Do what costs nothing, again after a pause when it did not work out."""
        tries = 0
        while True:
            try:
                with self._breaker.counting():
                    return await act()
            except ProviderError as error:
                tries += 1
                wait = pause(error, self._pauses, tries)
            await asyncio.sleep(wait)

    async def _failed(self, job: Job, error: ProviderError) -> float | None:
        """End the job, unless the provider may yet tell what came of it."""
        if still_owed(job, error, self._studio.now()):
            log.info("asked_again_later", job=job.id, error=error.key)
            return max(await self._breaker.wait(), self._pauses[-1])
        if isinstance(error, Stuck):
            return await self._stopped(job, error)
        await end(self._studio, job.id, Status.FAILED, in_the_end(job, error))
        return None

    async def _stopped(self, job: Job, stuck: Stuck) -> float | None:
        """Stop what never ends; it is let be unpaid only where the provider takes that."""
        error: StudioError = stuck
        try:
            if not await self._provider.cancel(_remote(job)):
                # It is made, and only asking how it goes has failed.
                await save(self._studio, job, job.to(Status.FETCHING))
                return 0.0
        except ProviderError as unheard:
            log.warning("cancel_not_passed_on", job=job.id, error=unheard.key)
            error = ResultLost("result_lost", provider=job.provider, detail=stuck.key)
        await end(self._studio, job.id, Status.FAILED, error)
        return None

    async def _passed_on(self, remote: Remote) -> bool:
        try:
            await self._provider.cancel(remote)
        except ProviderError as error:
            log.warning("cancel_not_passed_on", remote=remote.id, error=error.key)
            return False
        return True


def _remote(job: Job) -> Remote:
    if job.remote is None:
        raise ResultLost("result_lost", job=job.id)
    return job.remote
