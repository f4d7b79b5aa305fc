"""One stored image and everything needed to make it again."""

from dataclasses import dataclass

from core.work import Work

MOST_PIXELS = 50_000_000
"""Of a picture that is read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything needed to make a picture again."""

    provider: str
    model: str
    endpoint: str
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One stored image; its bytes lie in the image store under `sha256`."""

    job: str
    position: int
    """1 for the first picture of its job."""
    sha256: str
    mime: str
    width: int
    height: int
    bytes: int
    seed: int | None
    recipe: Recipe
    parent: str = ""
    """Content hash of the picture it was made from."""
