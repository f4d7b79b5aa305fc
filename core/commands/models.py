"""List the models that can be used here."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from core.catalogue import ModelSpec
from core.command import Command
from core.context import Context
from core.money.prices import priced
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Models(Command):
    """List the models that can be used here, with what they can and cost."""

    name: ClassVar[str] = "models"

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        default = studio.catalogue.named("").name
        models = studio.catalogue.models
        lines = tuple([_line(await priced(tx, one, next(iter(one.endpoints)))) for one in models])
        return Text("models.title", {"default": default}, lines)


def _line(model: ModelSpec) -> Text:
    values = {"name": model.name, "provider": model.provider, "title": model.title}
    if model.price_per_megapixel is not None:
        return Text("models.per_megapixel", {**values, "cost": model.price_per_megapixel})
    if model.price_per_image:
        return Text("models.per_image", {**values, "cost": model.price_per_image})
    return Text("models.free" if model.free else "models.no_price", values)
