"""Make a picture fit where only smaller photos are taken, such as a chat platform."""

from math import ceil

from PIL import Image

from core.errors import BadPicture
from core.images.codec import Encoded, encoded, measure, read
from core.images.container import xmp_in

_QUALITIES = (95, 88, 80)
_SMALLER = 0.8
_SMALLEST = 16
_PAPER = (255, 255, 255)


def fit(data: bytes, max_bytes: int, max_side_sum: int, max_ratio: float) -> Encoded:
    """Give the file itself if it fits, else a JPEG that does; its origin mark is carried over.

    Quality goes first, then size. A picture that is too long gets white margins, not a cut.
    """
    seen = measure(data)
    sides = sorted((seen.width, seen.height))
    if len(data) <= max_bytes and sum(sides) <= max_side_sum and sides[1] <= sides[0] * max_ratio:
        return Encoded(data, seen.mime, seen.width, seen.height)
    image = _scaled(_padded(read(data), max_ratio), max_side_sum)
    xmp = xmp_in(data)
    for quality in _QUALITIES:
        copy = encoded(image, "JPEG", quality, xmp)
        if len(copy.data) <= max_bytes:
            return copy
    return _shrunk(image, max_bytes, xmp)


def _shrunk(image: Image.Image, max_bytes: int, xmp: bytes) -> Encoded:
    """Scale down until the file is small enough, or cannot get any smaller."""
    while True:
        image = _scaled(image, (image.width + image.height) * _SMALLER)
        copy = encoded(image, "JPEG", _QUALITIES[-1], xmp)
        if len(copy.data) <= max_bytes:
            return copy
        if max(image.size) <= _SMALLEST:
            raise BadPicture("too_large")


def _padded(image: Image.Image, max_ratio: float) -> Image.Image:
    wide, high = image.size
    least = ceil(max(image.size) / max_ratio)
    if min(image.size) >= least:
        return image
    page = Image.new("RGB", (max(wide, least), max(high, least)), _PAPER)
    corner = ((page.width - wide) // 2, (page.height - high) // 2)
    page.paste(image, corner, image if image.mode == "RGBA" else None)
    return page


def _scaled(image: Image.Image, max_side_sum: float) -> Image.Image:
    share = max_side_sum / (image.width + image.height)
    if share >= 1:
        return image
    size = (max(1, int(image.width * share)), max(1, int(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
