"""Change a picture by words: one that was sent, or one that was made."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core import work
from core.catalogue import ModelSpec
from core.command import Command, Option
from core.context import Context, Sent
from core.errors import BadCommand
from core.made import made, picture
from core.orders import order
from core.picture import Picture
from core.ports import UnitOfWork
from core.replies import Reply
from core.studio import Studio
from core.work import Task

STRENGTH = 0.75
"""Strong enough that the words are seen, weak enough that the picture is."""


@dataclass(frozen=True, kw_only=True)
class Edit(Command):
    """Change a picture by words."""

    name: ClassVar[str] = "edit"
    takes_pictures: ClassVar[bool] = True

    prompt: Annotated[str, Option(words=True)]
    job: Annotated[str, Option(suggest="jobs")] = ""
    picture: Annotated[int, Option(low=1, high=10)] = 1
    model: Annotated[str, Option(suggest="models")] = ""
    count: Annotated[int, Option(low=1, high=10, flags=("n",))] = 1
    seed: Annotated[int | None, Option(low=0, high=2**31 - 1)] = None

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        source = await self._source(context, tx)
        spec = self._spec(studio, source)
        endpoint = spec.endpoints.get(Task.IMAGE_TO_IMAGE)
        accepts = endpoint.accepts if endpoint else frozenset[str]()
        wish = work.Edit(
            image=source.sha256,
            prompt=self.prompt,
            width=source.width,
            height=source.height,
            aspect_ratio=f"{source.width}:{source.height}",
            seed=self.seed,
            num_images=self.count,
            strength=STRENGTH if "strength" in accepts else None,
        )
        private = bool(self.job) and (await made(tx, context, self.job)).private
        return await order(studio, context, tx, spec, [wish], private=private)

    async def _source(self, context: Context, tx: UnitOfWork) -> Picture | Sent:
        if self.job:
            return await picture(tx, context, self.job, self.picture)
        if not context.images:
            raise BadCommand("nothing_to_edit")
        return context.images[0]

    def _spec(self, studio: Studio, source: Picture | Sent) -> ModelSpec:
        """Take the named model, else the one that made the picture, else one that can."""
        if self.model:
            return studio.catalogue.named(self.model)
        if isinstance(source, Picture):
            made = source.recipe
            return studio.catalogue.able(Task.IMAGE_TO_IMAGE, made.provider, made.model)
        usual = studio.catalogue.named("")
        return studio.catalogue.able(Task.IMAGE_TO_IMAGE, usual.provider, usual.name)
