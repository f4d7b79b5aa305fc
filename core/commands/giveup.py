"""Stop waiting for an order whose answer was lost."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.doubt import given_up
from core.made import own
from core.ports import UnitOfWork
from core.replies import Accepted, Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class GiveUp(Command):
    """Stop waiting for an order whose answer was lost; only this frees what is reserved."""

    name: ClassVar[str] = "giveup"
    listed: ClassVar[bool] = False

    job: Annotated[str, Option(suggest="jobs")]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await own(studio, tx, context, self.job)
        now = studio.now()
        await tx.jobs.save(given_up(job, now), job)
        if job.hold:
            await tx.ledger.release(job.id, now)
        await tx.outbox.put(job.id, now)
        return Accepted((job.id,), Text("giving_up", {"job": job.id}), taken=False)
