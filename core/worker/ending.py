"""How a job ends: its row, the money's way and the promise to tell, in one transaction."""

from datetime import datetime

import structlog

from core import metrics
from core.doubt import doubted
from core.errors import ProviderError, ProviderRefused, ResultLost, StudioError
from core.job import AFTER, Job, Status
from core.ports import UnitOfWork
from core.studio import Studio
from core.worker.insist import insisting

log = structlog.get_logger(__name__)


class Blanked(ProviderRefused):
    """The safety checker left nothing, and what it blanked is billed."""

    def __init__(self, provider: str, cost: int) -> None:
        super().__init__("all_blanked", provider=provider, cost=cost)
        self.cost = cost


class Ended(Exception):
    """The job has its ending; no step is left."""


@insisting
async def end(studio: Studio, job_id: str, status: Status, error: StudioError) -> None:
    """End a job without pictures; what has ended already stays as it is."""
    async with studio.database.transaction() as tx:
        job = await tx.jobs.get(job_id)
        if job is None or job.finished:
            return
        cost = _cost(job, error)
        if status is Status.FAILED and job.cancel_asked and Status.CANCELLED in AFTER[job.status]:
            # Who pays all the same is told why.
            status, error = Status.CANCELLED, error if cost else StudioError("cancelled")
        now = studio.now()
        ended = job.to(
            status, error=error.key, error_values=error.values, finished_at=now, cost=cost
        )
        await tx.jobs.save(ended, job)
        await _close(tx, ended, now)
        await tx.outbox.put(job.id, now)
    metrics.jobs_ended.labels(job.provider, job.model, status).inc()
    log.info("job_ended", job=job.id, status=status, error=error.key)


@insisting
async def leave_in_doubt(studio: Studio, job_id: str, reason: str) -> None:
    """Keep a job whose order may have been taken, its money held, and tell the person."""
    now = studio.now()
    async with studio.database.transaction() as tx:
        job = await tx.jobs.get(job_id)
        if job is None:
            return
        await tx.jobs.save(doubted(job, now), job)
        await tx.outbox.put(job.id, now)
    metrics.jobs_in_doubt.labels(job.provider).inc()
    log.warning("job_in_doubt", job=job.id, provider=job.provider, reason=reason)


async def _close(tx: UnitOfWork, ended: Job, now: datetime) -> None:
    if ended.cost:
        await tx.ledger.settle(ended.id, ended.cost, now)
    elif ended.hold:
        await tx.ledger.release(ended.id, now)


def _cost(job: Job, error: StudioError) -> int:
    """What was made is paid, though lost, blanked or out of reach; what failed there is not."""
    if isinstance(error, Blanked):
        return error.cost
    lost = isinstance(error, ResultLost)
    said = isinstance(error, ProviderError) and not error.retryable
    unfetched = job.status in {Status.SUBMITTED, Status.FETCHING} and not said
    return job.hold if lost or unfetched else 0
