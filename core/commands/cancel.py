"""Stop a job that is not finished."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.errors import Conflict
from core.made import own
from core.ports import UnitOfWork
from core.replies import Accepted, Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Cancel(Command):
    """Stop a job that is not finished."""

    name: ClassVar[str] = "cancel"
    moderated: ClassVar[bool] = True

    job: Annotated[str, Option(suggest="jobs")]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await own(studio, tx, context, self.job)
        if job.finished:
            raise Conflict("job_state", job=job.id, status=job.status)
        await tx.jobs.ask_to_cancel(job.id)
        return Accepted((job.id,), Text("cancelling", {"job": job.id}), taken=False)
