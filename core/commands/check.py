"""Look once more for an order whose answer was lost."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.doubt import doubted
from core.errors import Conflict
from core.job import Status
from core.made import own
from core.ports import UnitOfWork
from core.replies import Accepted, Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Check(Command):
    """Look once more for an order whose answer was lost; it is never ordered twice."""

    name: ClassVar[str] = "check"
    listed: ClassVar[bool] = False

    job: Annotated[str, Option(suggest="jobs")]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await own(studio, tx, context, self.job)
        if job.status is not Status.IN_DOUBT:
            raise Conflict("not_in_doubt", job=job.id)
        await tx.jobs.save(doubted(job, studio.now()), job)
        return Accepted((job.id,), Text("checking", {"job": job.id}), taken=False)
