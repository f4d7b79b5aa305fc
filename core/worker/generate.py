"""A finished generation: through the finishing chain into the store, the ledger and the outbox."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from core import metrics
from core.catalogue import ModelSpec
from core.errors import BadPicture, ImageWorkTooSlow, StudioError
from core.job import Job, Status
from core.picture import Picture, Recipe
from core.ports import Finished, Made
from core.studio import Studio
from core.work import Edit, Work
from core.worker.ending import Blanked
from core.worker.insist import insisting

log = structlog.get_logger(__name__)

MICRO = 1_000_000


async def finish(studio: Studio, job: Job, spec: ModelSpec, made: Made) -> None:
    """Store what was made and settle its cost; the outbox tells the chat."""
    cost = _bill(job, spec, made)
    if not made.images:
        raise Blanked(job.provider, cost)
    pictures = await _readable(studio, job, spec, made)
    now = studio.now()
    done = job.to(Status.DONE, cost=cost, finished_at=now)
    await _store(studio, done, job, pictures)


def _bill(job: Job, spec: ModelSpec, made: Made) -> int:
    """Take what the provider says that it did cost, else reckon it, in micro-dollars."""
    if made.cost is not None:
        return made.cost
    return spec.price(replace(job.work, num_images=len(made.images) + made.withheld))


@insisting
async def _store(studio: Studio, done: Job, was: Job, pictures: Sequence[Picture]) -> None:
    cost, now = done.cost or 0, done.finished_at or studio.now()
    async with studio.database.transaction() as tx:
        await tx.jobs.save(done, was)
        await tx.pictures.add(pictures)
        if done.hold:
            await tx.ledger.settle(done.id, cost, now)
        await tx.outbox.put(done.id, now)
    metrics.jobs_ended.labels(done.provider, done.model, done.status).inc()
    seconds = (now - done.created_at).total_seconds()
    metrics.job_seconds.labels(done.provider, done.model).observe(seconds)
    metrics.spent.labels(done.provider, done.model).inc(cost / MICRO)
    log.info("job_ended", job=done.id, status=done.status, cost=cost)


async def _readable(studio: Studio, job: Job, spec: ModelSpec, made: Made) -> list[Picture]:
    """Keep every picture that can be read; raise why not when there is none."""
    pictures: list[Picture] = []
    broken: StudioError | None = None
    for data, seed in zip(made.images, made.seeds, strict=True):
        try:
            finished = await studio.finishing.finish(data, spec, job.work)
        except (BadPicture, ImageWorkTooSlow) as error:
            log.warning("picture_not_read", job=job.id, error=error.key)
            broken = error
        else:
            pictures.append(await _keep(studio, job, spec, finished, seed, len(pictures) + 1))
    if broken is not None and not pictures:
        raise broken
    return pictures


async def _keep(
    studio: Studio, job: Job, spec: ModelSpec, finished: Finished, seed: int | None, position: int
) -> Picture:
    return Picture(
        job=job.id,
        position=position,
        sha256=await insisting(studio.images.put)(finished.data),
        mime=finished.mime,
        width=finished.width,
        height=finished.height,
        bytes=len(finished.data),
        seed=seed,
        recipe=Recipe(
            provider=job.provider,
            model=job.model,
            endpoint=spec.endpoints[job.work.task].path,
            work=job.work,
        ),
        parent=_parent(job.work),
    )


def _parent(work: Work) -> str:
    return work.image if isinstance(work, Edit) else ""
