"""Tell everything about a job."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.errors import NotFound
from core.made import made
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Show(Command):
    """Tell everything about a job: the recipe, the cost, how far it is."""

    name: ClassVar[str] = "show"

    job: Annotated[str, Option(suggest="jobs")]

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await made(tx, context, self.job)
        if job.private and context.overheard:
            raise NotFound("job", name=self.job)
        title = studio.catalogue.title(job.provider, job.model)
        lines = [
            Text("show.model", {"model": title, "provider": job.provider}),
            Text("show.status", {"status": job.status}),
            Text("show.cost", {"cost": job.hold if job.cost is None else job.cost}),
        ]
        if job.work.negative_prompt:
            lines.insert(0, Text("show.negative", {"words": job.work.negative_prompt}))
        for picture in await tx.pictures.of_job(job.id):
            size = {"n": picture.position, "width": picture.width, "height": picture.height}
            seed = {"seed": "-" if picture.seed is None else picture.seed}
            lines.append(Text("show.picture", {**size, **seed, "sha": picture.sha256[:12]}))
        return Text("show.title", {"job": job.id, "prompt": job.work.prompt}, tuple(lines))
