"""Make variations of a picture."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.made import made, picture
from core.orders import order
from core.ports import UnitOfWork
from core.replies import Reply
from core.studio import Studio
from core.work import Edit, Task


@dataclass(frozen=True, kw_only=True)
class Vary(Command):
    """Make variations of a picture."""

    name: ClassVar[str] = "vary"

    job: Annotated[str, Option(suggest="jobs")]
    picture: Annotated[int, Option(low=1, high=10)] = 1
    count: Annotated[int, Option(low=1, high=10, flags=("n",))] = 1

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await made(tx, context, self.job)
        source = await picture(tx, context, job.id, self.picture)
        recipe = source.recipe
        spec = studio.catalogue.able(Task.IMAGE_TO_IMAGE, recipe.provider, recipe.model)
        accepts = spec.endpoints[Task.IMAGE_TO_IMAGE].accepts
        work = Edit(
            image=source.sha256,
            prompt=recipe.work.prompt,
            width=source.width,
            height=source.height,
            aspect_ratio=recipe.work.aspect_ratio,
            seed=None,
            num_images=self.count,
            strength=0.6 if "strength" in accepts else None,
        )
        return await order(studio, context, tx, spec, [work], private=job.private)
