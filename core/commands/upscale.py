"""Make a picture larger."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.errors import BadPicture
from core.made import made, picture
from core.orders import order
from core.picture import MOST_PIXELS
from core.ports import UnitOfWork
from core.replies import Reply
from core.studio import Studio
from core.work import Edit, Task

FACTOR = 2


@dataclass(frozen=True, kw_only=True)
class Upscale(Command):
    """Make a picture twice as large."""

    name: ClassVar[str] = "upscale"

    job: Annotated[str, Option(suggest="jobs")]
    picture: Annotated[int, Option(low=1, high=10)] = 1

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        job = await made(tx, context, self.job)
        source = await picture(tx, context, job.id, self.picture)
        if source.width * source.height * FACTOR**2 > MOST_PIXELS:
            raise BadPicture("too_many_pixels")
        recipe = source.recipe
        spec = studio.catalogue.able(Task.UPSCALE, recipe.provider, recipe.model)
        work = Edit(
            image=source.sha256,
            prompt=recipe.work.prompt,
            width=source.width,
            height=source.height,
            aspect_ratio=recipe.work.aspect_ratio,
            seed=None,
            upscale_factor=FACTOR,
        )
        return await order(studio, context, tx, spec, [work], private=job.private)
