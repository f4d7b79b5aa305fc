"""fal's words for how a job goes and what came of it."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

import httpx

from core.budget import Price
from core.catalogue import ModelSpec
from core.ports import Step
from core.providers.foreign import entries, fields, number, percent, text
from core.providers.made import Found
from core.providers.refusals import Answer
from core.work import Work

NAMESPACES = frozenset({"workflows", "comfy"})
"""First parts of an endpoint's path that belong to the address of its requests."""
MICRO = 1_000_000
DEAREST = 1000
"""Dollars that no order costs: a sum from there on is a mistake."""


def request_base(queue_url: str, path: str, request: str) -> str:
    """Build the address of a request; whatever follows owner and alias is not part of it."""
    parts = path.split("/")
    kept = parts[: 3 if parts[0] in NAMESPACES else 2]
    return "/".join((queue_url, *kept, "requests", request))


def step_of(status: Mapping[str, Any], told: int | None) -> Step:
    """Read a status; one that is not known is still a sign of life.

    `told` is the percentage known so far: the stream repeats no line of the log.
    """
    if status.get("status") != "IN_PROGRESS":
        return Step(position=number(status.get("queue_position")))
    now = percent(_log(status))
    return Step(running=True, percent=told if now is None else now)


def _log(status: Mapping[str, Any]) -> str:
    return "\n".join(text(fields(line).get("message")) for line in entries(status.get("logs")))


def is_final(answer: Answer) -> bool:
    """Tell whether an answer is the model's own: its result, or its reason for having none."""
    if httpx.codes.is_success(answer.status):
        return answer.fields != {}
    return answer.status == HTTPStatus.UNPROCESSABLE_ENTITY or (
        "error_type" in answer.fields or isinstance(answer.fields.get("detail"), list)
    )


def found_in(result: Mapping[str, Any]) -> list[Found]:
    """List the pictures of a result; its one seed is that of the first."""
    single = [result["image"]] if "image" in result else []
    flags = entries(result.get("has_nsfw_concepts"))
    seed = number(result.get("seed"))
    return [
        Found(
            url=text(fields(picture).get("url")),
            seed=seed if place == 0 else None,
            flagged=flags[place : place + 1] == [True],
        )
        for place, picture in enumerate(entries(result.get("images")) or single)
    ]


def cost_of(answer: Answer, spec: ModelSpec) -> int | None:
    """Compute what was billed, in micro-dollars, when fal says how many units it were."""
    price = spec.price_per_image if spec.price_per_megapixel is None else spec.price_per_megapixel
    try:
        units = float(answer.headers["x-fal-billable-units"])
    except (KeyError, ValueError):
        return None
    if price is None:
        return None
    cost = units * price
    return round(cost) if 0 <= cost < DEAREST * MICRO else None


def echoes(result: Mapping[str, Any], work: Work) -> bool:
    """Tell whether a result names the seed that was asked for, and no other prompt."""
    prompt = result.get("prompt", work.prompt)
    return work.seed is not None and result.get("seed") == work.seed and prompt == work.prompt


UNITS: Mapping[str, Literal["image", "megapixel"]] = {
    "image": "image",
    "images": "image",
    "megapixel": "megapixel",
    "megapixels": "megapixel",
}


def prices_in(answer: Mapping[str, Any]) -> tuple[Price, ...]:
    """Read the prices whose unit a picture can be counted in; what is no sum is no price."""
    found = (_price(fields(one)) for one in entries(answer.get("prices")))
    return tuple(price for price in found if price is not None)


def _price(said: Mapping[str, Any]) -> Price | None:
    unit, dollars = UNITS.get(text(said.get("unit"))), said.get("unit_price")
    if unit is None or not isinstance(dollars, int | float) or said.get("currency") != "USD":
        return None
    if not 0 < dollars < DEAREST:
        return None
    amount = math.ceil(round(dollars * MICRO, 3))
    return Price(endpoint=text(said.get("endpoint_id")), unit=unit, amount=amount)
