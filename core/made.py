"""Finding what was made before, with the right to see it."""

from core.context import Context
from core.errors import NotFound, Refused
from core.job import Job
from core.picture import Picture
from core.ports import UnitOfWork
from core.studio import Studio


async def made(tx: UnitOfWork, context: Context, job_id: str) -> Job:
    """Find a job of this chat or of this person; anything else does not exist for them."""
    job = await tx.jobs.get(job_id)
    if job is None or not (job.user == context.user or _same_chat(job, context)):
        raise NotFound("job", name=job_id)
    return job


async def own(studio: Studio, tx: UnitOfWork, context: Context, job_id: str) -> Job:
    """Find a job that this person may decide about.

    That is their own, any of a chat that they moderate, or as an operator any at all.
    """
    if studio.policy.is_operator(context.user):
        job = await tx.jobs.get(job_id)
        if job is None:
            raise NotFound("job", name=job_id)
        return job
    job = await made(tx, context, job_id)
    if job.user != context.user and not context.moderates:
        raise Refused("not_yours", job=job.id)
    return job


def _same_chat(job: Job, context: Context) -> bool:
    here, there = context.chat, job.address.chat
    return not job.private and (here.platform, here.id) == (there.platform, there.id)


async def picture(tx: UnitOfWork, context: Context, job_id: str, position: int) -> Picture:
    """Find one picture of a job by its place, from 1."""
    job = await made(tx, context, job_id)
    for one in await tx.pictures.of_job(job.id):
        if one.position == position:
            return one
    raise NotFound("picture", job=job_id, position=position)
