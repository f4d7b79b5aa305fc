"""The model catalogue: data read from `data/models.toml`, and what each model can do."""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from importlib.resources import files
from typing import Any, Self

from core.errors import BadCommand, NotFound, Unsupported
from core.work import Edit, Task, Work

MEGAPIXEL = 1024 * 1024
"""Pixels; each one begun is billed."""
OPTIONAL = ("negative_prompt", "seed", "guidance_scale", "num_inference_steps", "strength")
"""Fields of Work that an endpoint must name in `accepts` before they may be set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address of a model: what it takes, under which names."""

    path: str
    accepts: frozenset[str] = frozenset()
    """Fields of Work beyond the task's own."""
    rename: Mapping[str, str] = field(default_factory=dict[str, str])
    """Field of Work -> the provider's name for it."""
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Sent with every order: safety checkers on, output format."""
    size: str = "none"
    """How the size travels: `image_size`, `width_height`, `aspect_ratio` or `none`."""
    lists: frozenset[str] = frozenset()
    """Fields that travel as a list of one, such as `image_urls`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A row of the catalogue."""

    name: str
    provider: str
    title: str
    endpoints: Mapping[Task, Endpoint]
    max_images: int = 1
    megapixels: float = 1.0
    """Pixels of a picture it makes, in millions."""
    multiple_of: int = 16
    aspect_ratios: tuple[str, ...] = ()
    """Empty when any ratio will do."""
    price_per_image: int | None = None
    """Micro-dollars; one of the two prices is set, or the model cannot be ordered."""
    price_per_megapixel: int | None = None

    @property
    def free(self) -> bool:
        """Whether it costs nothing."""
        return self.price_per_image == 0

    def size(self, aspect_ratio: str) -> tuple[int, int]:
        """Turn a ratio into width and height in pixels, near the model's own area."""
        across, down = ratio(aspect_ratio)
        side = math.sqrt(self.megapixels * MEGAPIXEL / (across * down))
        return self._snap(side * across), self._snap(side * down)

    def _snap(self, pixels: float) -> int:
        """Round down: one pixel more could begin another megapixel."""
        return max(1, int(pixels) // self.multiple_of) * self.multiple_of

    def price(self, work: Work) -> int:
        """State the most that a work costs, in micro-dollars; refuse when no price is known."""
        if self.price_per_image is not None:
            return self.price_per_image * work.num_images
        if self.price_per_megapixel is None:
            raise Unsupported("no_price", model=self.name)
        scale = work.upscale_factor**2 if isinstance(work, Edit) else 1
        megapixels = math.ceil(work.width * work.height * scale / MEGAPIXEL)
        return self.price_per_megapixel * megapixels * work.num_images

    def lacks(self, work: Work) -> str | None:
        """Name the first thing of a work that this model cannot do; None when it can do all."""
        endpoint = self.endpoints.get(work.task)
        if endpoint is None:
            return work.task
        if work.num_images > self.max_images:
            return "num_images"
        for name in OPTIONAL:
            if getattr(work, name, None) not in {None, ""} and name not in endpoint.accepts:
                return name
        sized = endpoint.size != "none"
        if sized and self.aspect_ratios and work.aspect_ratio not in self.aspect_ratios:
            return "aspect_ratio"
        return None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The models whose provider can be used, in the order of preference."""

    models: tuple[ModelSpec, ...]
    default: str = ""
    styles: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def load(cls, providers: Iterable[str], default: str = "") -> Self:
        """Read the catalogue and keep what the given providers offer."""
        usable = list(providers)
        models = tuple(model for model in read_models() if model.provider in usable)
        catalogue = cls(models, default, read_styles())
        if default:
            catalogue.named(default)
        return catalogue

    def named(self, name: str, provider: str = "") -> ModelSpec:
        """Find a model, or name the nearest; an empty name is the default."""
        wanted = name.lower() or self.default
        offered = [model for model in self.models if provider in {"", model.provider}]
        if not offered:
            raise NotFound("provider", name=provider, known=", ".join(self.providers()))
        for model in offered:
            if wanted in {"", model.name, f"{model.provider}/{model.name}"}:
                return model
        if not name:
            return offered[0]
        near = get_close_matches(wanted, [model.name for model in offered], n=1, cutoff=0.4)
        raise NotFound("model", name=name, nearest=near[0] if near else offered[0].name)

    def model(self, provider: str, name: str) -> ModelSpec:
        """Find the very model of a job."""
        return self.named(f"{provider}/{name}")

    def title(self, provider: str, name: str) -> str:
        """Name a model for people, also one whose provider has lost its key since."""
        for model in self.models:
            if (model.provider, model.name) == (provider, name):
                return model.title
        return name

    def providers(self) -> tuple[str, ...]:
        """List the providers that have a model here."""
        return tuple(dict.fromkeys(model.provider for model in self.models))

    def check(self, spec: ModelSpec, work: Work) -> None:
        """Refuse what the model cannot do, with the names of the models that can."""
        lacking = spec.lacks(work)
        if lacking is None:
            return
        able = [other.name for other in self.models if other.lacks(work) is None]
        names = ", ".join(dict.fromkeys(able))
        key = "unsupported" if names else "unsupported_by_all"
        raise Unsupported(key, model=spec.name, what=lacking, models=names, most=spec.max_images)

    def able(self, task: Task, provider: str, name: str) -> ModelSpec:
        """Choose the named model if it is here and can do a task, else its provider's first."""

        def distance(model: ModelSpec) -> tuple[bool, bool]:
            return model.provider != provider, model.name != name

        for model in sorted(self.models, key=distance):
            if task in model.endpoints:
                return model
        raise Unsupported("unsupported_by_all", model=name, what=task, models="", most=1)

    def style(self, name: str) -> str:
        """Find the words of a style, or name the nearest."""
        if name in self.styles:
            return self.styles[name]
        near = get_close_matches(name, self.styles, n=1, cutoff=0.4)
        raise NotFound("style", name=name, nearest=near[0] if near else ", ".join(self.styles))


RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")
WIDEST = 4
"""How many times as long as the shorter side the longer may be."""


def ratio(aspect_ratio: str) -> tuple[int, int]:
    """Read `3:2` as width and height."""
    found = RATIO.fullmatch(aspect_ratio)
    if found is None:
        raise BadCommand("aspect_ratio", given=aspect_ratio)
    across, down = int(found[1]), int(found[2])
    if max(across, down) > WIDEST * min(across, down):
        raise BadCommand("aspect_ratio", given=aspect_ratio)
    return across, down


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("core").joinpath("data", name).read_text(encoding="utf-8"))


def read_models() -> tuple[ModelSpec, ...]:
    """Read every row of `data/models.toml`; an unknown column is an error."""
    return tuple(_model(row) for row in _read("models.toml")["model"])


def read_styles() -> dict[str, str]:
    """Read the words that each style adds to a prompt."""
    return _read("styles.toml")["style"]


def _model(row: dict[str, Any]) -> ModelSpec:
    endpoints = {Task(name): _endpoint(row.pop(name)) for name in list(Task) if name in row}
    for price in ("price_per_image", "price_per_megapixel"):
        if price in row:
            row[price] = int(Fraction(row[price]) * 1_000_000)
    row["aspect_ratios"] = tuple(row.get("aspect_ratios", ()))
    return ModelSpec(endpoints=endpoints, **row)


def _endpoint(row: dict[str, Any]) -> Endpoint:
    for name in ("accepts", "lists"):
        row[name] = frozenset(row.get(name, ()))
    return Endpoint(**row)
