"""What surfaces offer while somebody types: the lists that `Option.suggest` names."""

from collections.abc import Iterable, Mapping

from core.catalogue import Catalogue

RATIOS = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "2:1", "1:2")
KINDS = ("models", "providers", "styles", "aspect_ratios")
"""Beside them there is `jobs`, which is each person's own."""

Suggestions = Mapping[str, str]
"""Value -> the words that stand for it."""


def suggestions(catalogue: Catalogue, kind: str) -> Suggestions:
    """List what an option may take; nothing where nothing is known."""
    if kind == "models":
        return {model.name: f"{model.name}: {model.title}" for model in catalogue.models}
    if kind == "providers":
        return _same(catalogue.providers())
    if kind == "styles":
        return _same(catalogue.styles)
    if kind == "aspect_ratios":
        return _same(ratio for model in catalogue.models for ratio in model.aspect_ratios or RATIOS)
    return {}


def _same(names: Iterable[str]) -> Suggestions:
    return {name: name for name in names}
