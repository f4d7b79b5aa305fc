"""The search for an order whose answer was lost. It only looks: nothing is ordered twice."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import structlog

from core.doubt import UNCLEAR, unclear
from core.errors import Conflict, ProviderError, StudioError
from core.job import Job, Remote, Status
from core.ports import Order, Provider
from core.studio import Studio
from core.worker.insist import insisting

log = structlog.get_logger(__name__)

ROUNDS = (1.0, 3.0, 8.0, 20.0, 45.0, 90.0, 180.0, 300.0, 450.0, 600.0)
"""Seconds after the search began at which it looks; after the last it asks the person."""
CLOCKS_APART = timedelta(minutes=1)


async def seek(studio: Studio, job: Job) -> Job | None:
    """Look once; return the job gone on when its order is found."""
    try:
        async for remote in _candidates(studio, job):
            found = await adopt(studio, job, remote)
            if found is not None:
                log.info("order_found", job=job.id, remote=remote.id)
                return found
    except Conflict:
        log.info("search_overtaken", job=job.id)
    except StudioError as error:
        log.warning("search_failed", job=job.id, error=error.key)
    return None


@insisting
async def adopt(studio: Studio, job: Job, remote: Remote) -> Job | None:
    """Write down whose a remote job is; None when it is another job's already."""
    taken = job.to(Status.SUBMITTED, remote=remote, error="", error_values={}, doubted_at=None)
    async with studio.database.transaction() as tx:
        owner = await tx.jobs.with_remote(job.provider, remote.id)
        if owner is not None and owner.id != job.id:
            return None
        await tx.jobs.save(taken, job)
    return taken


async def next_look(studio: Studio, job: Job, rounds: Sequence[float]) -> float | None:
    """Tell after how many seconds to look again; after the last look, ask the person."""
    began = job.doubted_at or job.created_at
    passed = max((studio.now() - began).total_seconds(), 0.0)
    for seconds in rounds:
        if seconds > passed:
            return seconds - passed
    if job.error != UNCLEAR:
        await _ask(studio, job)
    return None


async def _ask(studio: Studio, job: Job) -> None:
    async with studio.database.transaction() as tx:
        there = await tx.jobs.get(job.id)
        if there is None or (there.status, there.doubted_at) != (job.status, job.doubted_at):
            log.info("search_overtaken", job=job.id)  # given up, or to be looked for once more
            return
        await tx.jobs.save(unclear(job), job)
        await tx.outbox.put(job.id, studio.now())


async def _candidates(studio: Studio, job: Job) -> AsyncIterator[Remote]:
    """First what the provider called back with, which may be known before it is listed."""
    provider = studio.providers[job.provider]
    spec = studio.catalogue.model(job.provider, job.model)
    order = Order(job=job.id, spec=spec, work=job.work)
    async with studio.database.reading() as tx:
        named = await tx.callbacks.of_job(job.id)
    for name in named:
        remote = await _recognised(provider, order, name)
        if remote is not None:
            yield remote
    for remote in await provider.find(order, (job.ordered_at or job.created_at) - CLOCKS_APART):
        yield remote


async def _recognised(provider: Provider, order: Order, name: str) -> Remote | None:
    try:
        return await provider.recognise(order, name)
    except ProviderError as error:
        log.info("callback_not_recognised", job=order.job, error=error.key)
        return None
