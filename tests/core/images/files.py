"""Real image files for the tests, made by Pillow, and bombs made by hand."""

import io
import struct
import zlib

import numpy as np
from PIL import ExifTags, Image

from core.sketch.draw import draw

CANARY = b"canary-of-a-private-place"


def photo(kind: str, size: tuple[int, int] = (96, 64), **options: object) -> bytes:
    image = draw("a fox in the snow", seed=1, width=size[0], height=size[1])
    return saved(image, kind, **options)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixel(image: Image.Image, x: int, y: int) -> list[int]:
    return np.asarray(image)[y, x].tolist()


def private_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.ImageDescription] = CANARY.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (52.0, 31.0, 12.0),
            ExifTags.GPS.GPSAreaInformation: CANARY,
        }
    )
    return exif


def png_bomb(side: int) -> bytes:
    """Write a PNG of one bit per pixel: thousands of pixels from every byte."""
    row = zlib.compressobj(9)
    line = bytes(1 + (side + 7) // 8)
    body = b"".join(row.compress(line) for _ in range(side)) + row.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
