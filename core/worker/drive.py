"""One job, from its row to its ending; may be killed at any line and driven again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from core.errors import StudioError
from core.job import Job, Status
from core.replies import Progress, Stage
from core.studio import Studio
from core.worker.beside import beside
from core.worker.doubt import next_look, seek
from core.worker.ending import end, leave_in_doubt
from core.worker.pauses import PAUSES
from core.worker.status import StatusLine
from core.worker.steps import read
from core.worker.way import Way

log = structlog.get_logger(__name__)


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
        job = await read(self.studio, job_id)
        if job is None or job.finished:
            return None
        if job.provider not in self.studio.providers:
            await self._orphaned(job)
            return None
        if job.status is Status.SUBMITTING and job.hold and not job.unordered:
            await leave_in_doubt(self.studio, job.id, "found after a restart")
            return self.rounds[0]
        if job.status is Status.IN_DOUBT:
            found = await seek(self.studio, job)
            if found is None:
                return await next_look(self.studio, job, self.rounds)
            job = found
        return await self._along(job, nudged)

    async def _orphaned(self, job: Job) -> None:
        """Let a job wait for a start with its provider's key, or end it when that is wished."""
        if job.unordered and job.cancel_asked:
            await end(self.studio, job.id, Status.CANCELLED, StudioError("cancelled"))
            return
        log.warning("job_left_for_a_start_with_its_key", job=job.id, provider=job.provider)
        if job.unordered:
            await _say_waiting(StatusLine(self.studio, job), job)

    async def _along(self, job: Job, nudged: asyncio.Event) -> float | None:
        breaker = self.studio.breakers[job.provider]
        line = StatusLine(self.studio, job)
        if job.unordered and not job.cancel_asked and (wait := await breaker.wait()):
            await _say_waiting(line, job)
            return wait
        provider = self.studio.providers[job.provider]
        way = Way(self.studio, provider, breaker, line, nudged, self.pauses)
        async with beside(line.move(), line.show_work(), way.watch(job.id)):
            return await way.go(job, self.rounds[0])


async def _say_waiting(line: StatusLine, job: Job) -> None:
    await line.say(Progress(job.id, Stage.WAITING, token=f"cancel:{job.id}"))
