"""The language of the endpoint tables: fields, limits, prices, and what is wrong with an input."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["string", "integer", "number", "boolean", "url", "urls", "size", "loras"]


@dataclass(frozen=True)
class Field:
    """One input field: what may stand in it and what stands there when it is left out."""

    kind: Kind
    default: Any = None
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Price:
    """Micro-dollars for each image, megapixel begun or training step."""

    micros: int
    unit: Literal["image", "megapixel", "step"] = "image"


@dataclass(frozen=True)
class Model:
    """One endpoint: its input, the shape of its answer and its price."""

    fields: Mapping[str, Field]
    price: Price
    shape: Literal["images", "described", "image", "list", "single", "weights"] = "images"
    size: Literal["asked", "input", "scaled"] = "asked"
    kind: str = "jpeg"
    flags: bool = True

    def value(self, given: Mapping[str, Any], name: str) -> Any:
        """Return what was given for a field, or its default; None when there is no such field."""
        return given.get(name, self.fields[name].default if name in self.fields else None)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input."""

    name: str
    code: str
    message: str
    given: Any = None
    context: Mapping[str, Any] = field(default_factory=dict)


MEGAPIXEL = 1024 * 1024
LORA = {"path", "scale"}
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "url": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "urls": (list,),
    "loras": (list,),
    "size": (str, dict),
}


def problems(model: Model, given: Mapping[str, Any]) -> list[Problem]:
    """List everything wrong with an input, unknown names included.

    The services may ignore an unknown name; money was then spent on something nobody asked for,
    so here it is refused.
    """
    found = [
        Problem(name, "extra_forbidden", "Extra inputs are not permitted", given[name])
        for name in given
        if name not in model.fields
    ]
    for name, rule in model.fields.items():
        if name in given:
            found.extend(_wrong(name, rule, given[name]))
        elif rule.required:
            found.append(Problem(name, "missing", "Field required", dict(given)))
    return found


def _wrong(name: str, rule: Field, value: Any) -> Iterator[Problem]:
    if value is None and not rule.required:
        return
    if not _fits(rule.kind, value):
        message = f"Input should be a valid {rule.kind}"
        yield Problem(name, f"{rule.kind}_type", message, value, {"expected": rule.kind})
    elif rule.choices and not isinstance(value, dict) and value not in rule.choices:
        expected = " or ".join(repr(choice) for choice in rule.choices)
        context = {"expected": expected, "choices": rule.choices}
        yield Problem(name, "literal_error", f"Input should be {expected}", value, context)
    elif isinstance(value, dict):
        yield from _wrong_size(name, rule, value)
    elif not isinstance(value, str):
        yield from _out_of_range(name, rule, len(value) if isinstance(value, list) else value)


def _fits(kind: Kind, value: Any) -> bool:
    if isinstance(value, bool) != (kind == "boolean") or not isinstance(value, TYPES[kind]):
        return False
    if kind == "urls":
        return all(isinstance(item, str) for item in value)
    if kind == "loras":
        return all(isinstance(item, dict) and {"path"} <= set(item) <= LORA for item in value)
    return True


def _wrong_size(name: str, rule: Field, value: Mapping[str, Any]) -> Iterator[Problem]:
    limits = Field("integer", low=rule.low or 1, high=rule.high or 14142)
    for side in ("width", "height"):
        yield from _wrong(f"{name}.{side}", limits, value.get(side, 512))
    for extra in value.keys() - {"width", "height"}:
        yield Problem(f"{name}.{extra}", "extra_forbidden", "Extra inputs are not permitted")


def _out_of_range(name: str, rule: Field, value: Any) -> Iterator[Problem]:
    if rule.low is not None and value < rule.low:
        message = f"Input should be greater than or equal to {rule.low}"
        yield Problem(name, "greater_than_equal", message, value, {"ge": rule.low})
    if rule.high is not None and value > rule.high:
        message = f"Input should be less than or equal to {rule.high}"
        yield Problem(name, "less_than_equal", message, value, {"le": rule.high})


def cost(price: Price, sizes: list[tuple[int, int]], steps: int = 0) -> int:
    """Price what was made, in micro-dollars; a megapixel begun is a megapixel paid."""
    if price.unit == "step":
        return price.micros * steps
    if price.unit == "megapixel":
        return sum(price.micros * math.ceil(width * height / MEGAPIXEL) for width, height in sizes)
    return price.micros * len(sizes)
