"""What Telegram makes of an uploaded photo: smaller JPEGs without metadata, or a refusal."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from tests.emulators.telegram_rules import PHOTO_BYTES, bad

SIDES_SUM = 10_000
RATIO = 20
EDGES = (90, 320, 800, 1280)  # the bounding boxes that Telegram keeps, smallest first
QUALITY = 87


@dataclass(frozen=True)
class Size:
    """One of the sizes in which a photo is kept."""

    width: int
    height: int
    data: bytes


def photo_sizes(data: bytes) -> list[Size]:
    """Decode a photo and return its kept sizes, smallest first."""
    if len(data) > PHOTO_BYTES:
        raise bad(
            f"file of size {len(data)} bytes is too big for a photo; "
            f"the maximum size is {PHOTO_BYTES} bytes"
        )
    picture = _decoded(data)
    longest = max(picture.size)
    edges = [edge for edge in EDGES if edge < longest] + [min(longest, EDGES[-1])]
    return [_shrunk(picture, edge) for edge in sorted(set(edges))]


def _decoded(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data)) as opened:
            _check_sides(*opened.size)
            upright = ImageOps.exif_transpose(opened)
            upright.load()
    except (UnidentifiedImageError, OSError, SyntaxError):
        raise bad("IMAGE_PROCESS_FAILED") from None
    ground = Image.new("RGBA", upright.size, "white")
    ground.alpha_composite(upright.convert("RGBA"))
    return ground.convert("RGB")


def _check_sides(width: int, height: int) -> None:
    if width + height > SIDES_SUM or max(width, height) > RATIO * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def _shrunk(picture: Image.Image, edge: int) -> Size:
    copy = picture.copy()
    copy.thumbnail((edge, edge))
    out = io.BytesIO()
    copy.save(out, "JPEG", quality=QUALITY)
    return Size(*copy.size, out.getvalue())
