"""Make the same order once more with another seed."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.made import made
from core.orders import order
from core.ports import UnitOfWork
from core.replies import Reply
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Again(Command):
    """Make the same order once more with another seed."""

    name: ClassVar[str] = "again"
    listed: ClassVar[bool] = False

    job: Annotated[str, Option(suggest="jobs")]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await made(tx, context, self.job)
        spec = studio.catalogue.model(job.provider, job.model)
        work = replace(job.work, seed=None)
        return await order(studio, context, tx, spec, [work], private=job.private)
