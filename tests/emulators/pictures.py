"""Real, decodable image bytes: any size, the same for the same seed, and cheap to make again."""

import io
import random
from functools import lru_cache

from PIL import Image

KINDS = {"png": "PNG", "jpeg": "JPEG", "jpg": "JPEG", "webp": "WEBP"}
CONTENT_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "webp": "image/webp",
}


@lru_cache(maxsize=256)
def picture(width: int, height: int, kind: str = "png", seed: int = 0) -> bytes:
    """Draw soft blotches of colour that differ from seed to seed."""
    blotches = random.Random(seed).randbytes(8 * 8 * 3)  # noqa: S311 - colours, not secrets
    small = Image.frombytes("RGB", (8, 8), blotches)
    return _encode(small.resize((width, height), Image.Resampling.BILINEAR), kind)


def plain_picture(width: int = 64, height: int = 48, color: str = "orange") -> bytes:
    """Draw a PNG of one colour, so small that tests need not care."""
    return _encode(Image.new("RGB", (width, height), color), "png")


@lru_cache(maxsize=32)
def black_picture(width: int, height: int, kind: str = "png") -> bytes:
    """Draw what a safety checker leaves of a picture."""
    return _encode(Image.new("RGB", (width, height)), kind)


def size_of(content: bytes) -> tuple[int, int]:
    """Read the size of a whole image; raises OSError when it is none or is damaged."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image.size


def _encode(image: Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    image.save(target, KINDS[kind], compress_level=1, quality=80, method=0)
    return target.getvalue()
