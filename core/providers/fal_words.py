"""fal's words for how a job goes and what came of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import httpx

from core.catalogue import ModelSpec
from core.ports import Step
from core.providers.made import Found
from core.providers.refusals import Answer

PERCENT = re.compile(r"(\d{1,3})%\|")
"""A progress bar in a model's log: ` 25%|##5       | 7/28`."""
NAMESPACES = frozenset({"workflows", "comfy"})
"""First parts of an endpoint's path that belong to the address of its requests."""


def request_base(queue_url: str, path: str, request: str) -> str:
    """Build the address of a request; whatever follows owner and alias is not part of it."""
    parts = path.split("/")
    kept = parts[: 3 if parts[0] in NAMESPACES else 2]
    return "/".join((queue_url, *kept, "requests", request))


def step_of(status: Mapping[str, Any]) -> Step:
    """Read a status; one that is not known is still a sign of life."""
    position = status.get("queue_position")
    if status.get("status") != "IN_PROGRESS":
        return Step(position=position if isinstance(position, int) else None)
    return Step(running=True, percent=_percent(status.get("logs")))


def _percent(logs: Any) -> int | None:
    lines = cast("list[Any]", logs) if isinstance(logs, list) else []
    said = "\n".join(str(line.get("message")) for line in _objects(lines))
    found = PERCENT.findall(said)
    return min(int(found[-1]), 100) if found else None


def is_final(answer: Answer) -> bool:
    """Tell whether an answer is the model's own: its result, or its reason for having none."""
    if httpx.codes.is_success(answer.status):
        return answer.fields != {}
    return "error_type" in answer.fields or isinstance(answer.fields.get("detail"), list)


def found_in(result: Mapping[str, Any]) -> list[Found]:
    """List the pictures of a result; its one seed is that of the first."""
    single = result.get("image")
    pictures = result.get("images") or ([single] if single else [])
    flags = _list(result.get("has_nsfw_concepts"))
    seed = result.get("seed")
    return [
        Found(
            url=str(picture.get("url", "")),
            seed=seed if isinstance(seed, int) and place == 0 else None,
            flagged=place < len(flags) and flags[place] is True,
        )
        for place, picture in enumerate(_objects(_list(pictures)))
    ]


def cost_of(answer: Answer, spec: ModelSpec) -> int | None:
    """Compute what was billed, in micro-dollars, when fal says how many units it were."""
    price = spec.price_per_image if spec.price_per_megapixel is None else spec.price_per_megapixel
    try:
        units = float(answer.headers["x-fal-billable-units"])
    except (KeyError, ValueError):
        return None
    return None if price is None else round(units * price)


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _objects(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [cast("dict[str, Any]", value) for value in values if isinstance(value, dict)]
