"""A job's row while the job is driven: read, and stepped on, however long the store fails."""

from core.job import Job
from core.studio import Studio
from core.worker.insist import insisting


@insisting
async def read(studio: Studio, job_id: str) -> Job | None:
    """Read a job as it stands."""
    async with studio.database.reading() as tx:
        return await tx.jobs.get(job_id)


async def cancel_asked(studio: Studio, job_id: str) -> bool:
    """Tell whether somebody wants a job cancelled."""
    job = await read(studio, job_id)
    return job is not None and job.cancel_asked


@insisting
async def save(studio: Studio, was: Job, job: Job) -> Job:
    """Write a step; raise Conflict when the row has gone on meanwhile."""
    async with studio.database.transaction() as tx:
        await tx.jobs.save(job, was)
    return job
