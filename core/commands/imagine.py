"""Make pictures from words."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.catalogue import ModelSpec
from core.command import Command, Option
from core.context import Context
from core.orders import order
from core.ports import UnitOfWork
from core.prompts import expand
from core.replies import Reply
from core.studio import Studio
from core.work import Generation, Task


@dataclass(frozen=True, kw_only=True)
class Imagine(Command):
    """Make pictures from words."""

    name: ClassVar[str] = "imagine"
    cli_name: ClassVar[str] = "generate"

    prompt: Annotated[str, Option(words=True)]
    model: Annotated[str, Option(suggest="models")] = ""
    aspect_ratio: Annotated[str, Option(suggest="aspect_ratios", flags=("ar",))] = "1:1"
    count: Annotated[int, Option(low=1, high=10, flags=("n",))] = 1
    seed: Annotated[int | None, Option(low=0, high=2**31 - 1)] = None
    negative_prompt: Annotated[str, Option(flags=("no",))] = ""
    style: Annotated[str, Option(suggest="styles")] = ""
    provider: Annotated[str, Option(suggest="providers")] = ""
    private: bool = False

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        spec = studio.catalogue.named(self.model, self.provider)
        words = f", {studio.catalogue.style(self.style)}" if self.style else ""
        seed = self._seed(studio, spec)
        works = [self._work(spec, prompt + words, seed) for prompt in expand(self.prompt)]
        return await order(studio, context, tx, spec, works, private=self.private)

    def _seed(self, studio: Studio, spec: ModelSpec) -> int | None:
        """Keep the asked seed; draw one where the model takes one, so that it can be repeated."""
        if self.seed is not None:
            return self.seed
        endpoint = spec.endpoints.get(Task.TEXT_TO_IMAGE)
        return studio.new_seed() if endpoint and "seed" in endpoint.accepts else None

    def _work(self, spec: ModelSpec, prompt: str, seed: int | None) -> Generation:
        width, height = spec.size(self.aspect_ratio)
        return Generation(
            prompt=prompt,
            negative_prompt=self.negative_prompt,
            width=width,
            height=height,
            aspect_ratio=self.aspect_ratio,
            seed=seed,
            num_images=self.count,
        )
