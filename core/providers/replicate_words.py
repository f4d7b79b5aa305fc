"""Replicate's words for how a prediction goes and what came of it."""

import re
from collections.abc import Mapping
from typing import Any

from core.errors import (
    ProviderError,
    ProviderRefused,
    ProviderRejected,
    ProviderUnavailable,
    ResultLost,
)
from core.ports import Step
from core.providers.foreign import entries, fields, number, percent, text
from core.providers.made import Found
from core.providers.refusals import plain

ENDED = frozenset({"succeeded", "failed", "canceled", "aborted"})
SEED = re.compile(r"Using seed: (\d{1,20})")
BLANKED = re.compile(r"NSFW content detected in image")
"""What FLUX writes for each picture that it keeps back."""


def has_ended(prediction: Mapping[str, Any]) -> bool:
    """Tell whether nothing more will happen to a prediction."""
    return prediction.get("status") in ENDED


def step_of(prediction: Mapping[str, Any]) -> Step:
    """Read how far it is; a status that is not known is still a sign of life."""
    if prediction.get("status") != "processing":
        return Step()
    return Step(running=True, percent=percent(text(prediction.get("logs"))))


def why_not(prediction: Mapping[str, Any]) -> ProviderError | None:
    """Say why a prediction has no pictures to fetch; None when it has."""
    status = prediction.get("status")
    said = _error(prediction)
    if status == "succeeded":
        removed = prediction.get("data_removed") is True
        return ResultLost("result_lost", provider="replicate", detail="") if removed else None
    if status not in ENDED:
        return ProviderUnavailable("provider_unavailable", provider="replicate", detail=str(status))
    if "nsfw" in said.lower():
        return ProviderRefused("provider_refused", provider="replicate", detail=said)
    return ProviderRejected("provider_failed", provider="replicate", detail=said or str(status))


def found_in(prediction: Mapping[str, Any], asked_seed: int | None) -> list[Found]:
    """List the pictures of a prediction; its one seed is that of the first."""
    told = SEED.search(text(prediction.get("logs")))
    seed = number(int(told[1])) if asked_seed is None and told else asked_seed
    urls = _addresses(prediction.get("output"))
    return [Found(url, seed if place == 0 else None) for place, url in enumerate(urls)]


def blanked(prediction: Mapping[str, Any]) -> int:
    """Count the pictures that the safety checker kept back."""
    return len(BLANKED.findall(text(prediction.get("logs"))))


def _addresses(output: Any, depth: int = 3) -> list[str]:
    """Find the addresses in an output: one, a list of them, or an object with some."""
    if isinstance(output, str):
        return [output]
    inner = [*entries(output), *fields(output).values()] if depth else []
    return [address for one in inner for address in _addresses(one, depth - 1)]


def _error(prediction: Mapping[str, Any]) -> str:
    error = prediction.get("error")
    return "" if error is None else plain(str(error))
