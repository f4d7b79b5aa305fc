"""Decide what pictures a job makes: how many, how large, from which seeds and files."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from tests.emulators.models import NAMED_SIZES
from tests.emulators.pictures import black_picture, picture, size_of
from tests.emulators.schema import Model, Problem

if TYPE_CHECKING:
    from tests.emulators.jobs import Job

Load = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Made:
    """One picture that a job made; drawn when it is fetched."""

    width: int
    height: int
    kind: str
    seed: int
    black: bool = False
    scale: float = 1.0

    def draw(self) -> bytes:
        """Return the bytes of the picture."""
        width, height = int(self.width * self.scale), int(self.height * self.scale)
        if self.black:
            return black_picture(width, height, self.kind)
        return picture(width, height, self.kind, self.seed)


def make(job: "Job", flaw: str = "", scale: float = 1.0) -> list[Made]:
    """List the pictures of a job, with its flaw in them."""
    if job.model.shape == "weights" or flaw == "zero":
        return []
    width, height = asked_size(job.model, job.input, job.input_size)
    count = _count(job.model, job.input) - (flaw == "fewer")
    kind = job.model.value(job.input, "output_format") or job.model.kind
    black = flaw == "nsfw_black"
    return [Made(width, height, kind, job.seed + index, black, scale) for index in range(count)]


def _count(model: Model, given: Mapping[str, Any]) -> int:
    return int(model.value(given, "num_images") or model.value(given, "num_outputs") or 1)


def asked_size(
    model: Model, given: Mapping[str, Any], source: tuple[int, int] | None
) -> tuple[int, int]:
    """Work out the size of a picture from the input, in pixels."""
    if model.size == "scaled" and source:
        factor = given.get("upscale_factor") or model.value(given, "scale") or 2
        return int(source[0] * factor), int(source[1] * factor)
    if given.get("width") and given.get("height"):
        return given["width"], given["height"]
    named = given.get("image_size") or (source is None and model.value(given, "image_size"))
    if named:
        return _named(named)
    ratio = model.value(given, "aspect_ratio") or ""
    if ":" in ratio and (source is None or given.get("aspect_ratio")):
        return _ratio(ratio, float(_megapixels(model, given)))
    return source or (1024, 1024)


def _named(size: str | Mapping[str, int]) -> tuple[int, int]:
    if isinstance(size, str):
        return NAMED_SIZES[size]
    return size.get("width", 512), size.get("height", 512)


def _megapixels(model: Model, given: Mapping[str, Any]) -> str:
    asked = model.value(given, "megapixels")
    return asked if asked in {"1", "0.25"} else "1"


def _ratio(ratio: str, megapixels: float) -> tuple[int, int]:
    across, down = (int(part) for part in ratio.split(":"))
    unit = sqrt(megapixels * 1024 * 1024 / (across * down))
    return round(across * unit / 16) * 16, round(down * unit / 16) * 16


def inspect_inputs(
    model: Model, given: Mapping[str, Any], load: Load
) -> tuple[list[Problem], tuple[int, int] | None]:
    """Fetch every file an input names: what is wrong with them, and the first picture's size."""
    found: list[Problem] = []
    first: tuple[int, int] | None = None
    for name, url in _addresses(model, given):
        content = load(url)
        if content is None:
            message = "Failed to download the file. Please check that the URL is accessible."
            found.append(Problem(name, "file_download_error", message, url))
        elif model.shape == "weights":
            if not content.startswith(b"PK"):
                message = "The archive is not valid."
                found.append(Problem(name, "invalid_archive", message, url))
        else:
            try:
                first = first or size_of(content)
            except OSError:
                message = "Failed to load the image. Please ensure it is valid."
                found.append(Problem(name, "image_load_error", message, url))
    return found, first


def data_of(url: str) -> bytes | None:
    """Decode a data URL; None when it is not properly base64."""
    head, _, data = url.partition(",")
    try:
        return base64.b64decode(data, validate=True) if head.endswith(";base64") else None
    except binascii.Error:
        return None


def _addresses(model: Model, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, rule in model.fields.items():
        if rule.kind == "url" and given.get(name):
            found.append((name, given[name]))
        elif rule.kind == "urls":
            found.extend((name, url) for url in given.get(name) or ())
    return found
