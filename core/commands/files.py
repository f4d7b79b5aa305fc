"""Send a job's pictures as files, so that no platform recompresses them."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.made import made
from core.ports import UnitOfWork
from core.replies import Reply
from core.show import shown
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Files(Command):
    """Send a job's pictures as files."""

    name: ClassVar[str] = "files"
    listed: ClassVar[bool] = False

    job: Annotated[str, Option(suggest="jobs")]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await made(tx, context, self.job)
        reply = shown(studio.catalogue, job, await tx.pictures.of_job(job.id))
        return replace(reply, as_files=True, buttons=())
