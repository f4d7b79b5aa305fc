"""Read image files that strangers send, and write image files. Pure; call it in a worker."""

import contextlib
import io
import struct
import zlib
from dataclasses import dataclass
from typing import Literal, cast

from PIL import ExifTags, Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from core.errors import BadPicture
from core.images.container import bare_png
from core.picture import MOST_PIXELS

Format = Literal["PNG", "JPEG", "WEBP", "AVIF"]
Reason = Literal["format", "too_large", "too_many_pixels", "broken", "empty"]

MIME: dict[Format, str] = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
# What Pillow raises on malformed files, met by fuzzing; each means the same to us.
_BROKEN = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError, Warning, struct.error, zlib.error,
)  # fmt: skip
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_PROFILED = frozenset({"CMYK", "L"})  # modes whose profiles describe other than RGB values
_LYING = 5  # orientations from here on swap width and height


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at all; of several frames only ever the first."""

    max_bytes: int = 64 * 1024 * 1024
    """As many as are fetched from a provider, which writes its largest pictures without loss."""
    max_pixels: int = MOST_PIXELS
    formats: tuple[Format, ...] = ("PNG", "JPEG", "WEBP", "AVIF")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An image file in memory."""

    data: bytes
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What a file's header says; width and height are those of the upright picture."""

    mime: str
    width: int
    height: int


DEFAULT_LIMITS = Limits()
UPLOADS = Limits(max_bytes=20 * 1024 * 1024)


def read(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Decode a file to an upright sRGB image in mode RGB or RGBA.

    Raises:
        BadPicture: whatever else the bytes are.
    """
    image = _open(data, limits)
    try:
        return _in_srgb(_upright(image))
    except _BROKEN as error:
        raise BadPicture("broken") from error


def measure(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Measure:
    """Read format and upright size from the header, without decoding."""
    image = _open(data, limits)
    wide, high = image.size
    if _orientation(image) >= _LYING:
        wide, high = high, wide
    return Measure(MIME[_format(image)], wide, high)


def format_of(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Format:
    """Name the format of a file that is taken."""
    return _format(_open(data, limits))


def clean(data: bytes, limits: Limits = UPLOADS) -> Encoded:
    """Make an upload safe to keep: upright, sRGB, with nothing in it but its pixels."""
    image = read(data, limits)
    lossless = image.mode == "RGBA" or format_of(data, limits) == "PNG"
    return encoded(image, "PNG" if lossless else "JPEG", 95)


def thumbnail(data: bytes, side: int) -> Encoded:
    """Make a small JPEG whose longer side has at most `side` pixels."""
    image = _open(data, DEFAULT_LIMITS)
    try:
        image.draft("RGB", (side * 2, side * 2))
        small = _in_srgb(_upright(image))
    except _BROKEN as error:
        raise BadPicture("broken") from error
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return encoded(small, "JPEG", 85)


def encode(image: Image.Image, kind: Format, quality: int, xmp: bytes = b"") -> bytes:
    """Write an image file without any metadata but the XMP packet given."""
    buffer = io.BytesIO()
    match kind:
        case "PNG":
            image.save(buffer, "PNG", compress_level=1, pnginfo=_png_info(xmp))
        case "JPEG":
            # Colours at full resolution: halving them would also wipe out invisible marks.
            _on_white(image).save(buffer, "JPEG", quality=quality, subsampling=0, xmp=xmp)
        case "WEBP":
            image.save(buffer, "WEBP", quality=quality, method=2, xmp=xmp)
        case "AVIF":
            image.save(buffer, "AVIF", quality=quality, speed=9, xmp=xmp)
    return buffer.getvalue()


def encoded(image: Image.Image, kind: Format, quality: int, xmp: bytes = b"") -> Encoded:
    """Write an image file and keep its type and size beside it."""
    return Encoded(encode(image, kind, quality, xmp), MIME[kind], image.width, image.height)


def _open(data: bytes, limits: Limits) -> Image.Image:
    """Read the header alone and check it against the limits."""
    if not data:
        raise BadPicture("empty")
    if len(data) > limits.max_bytes:
        raise BadPicture("too_large")
    try:
        image = Image.open(io.BytesIO(bare_png(data)), formats=limits.formats)
    except Image.UnidentifiedImageError as error:
        raise BadPicture("format") from error
    except _BOMBS as error:
        raise BadPicture("too_many_pixels") from error
    except _BROKEN as error:
        raise BadPicture("broken") from error
    if image.width * image.height > limits.max_pixels:
        raise BadPicture("too_many_pixels")
    return image


def _format(image: Image.Image) -> Format:
    # A phone's JPEG with a second picture behind the first calls itself MPO.
    return "JPEG" if image.format == "MPO" else cast("Format", image.format)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _BROKEN:
        return 1


def _upright(image: Image.Image) -> Image.Image:
    turn = _TURNS.get(_orientation(image))
    return image.transpose(turn) if turn is not None else image


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _in_srgb(image: Image.Image) -> Image.Image:
    """Convert to RGB or RGBA, through the file's own colour profile if it has a sound one."""
    if image.mode.startswith("I"):
        image = image.convert("I").point([level >> 8 for level in range(65536)], "L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if image.mode not in _PROFILED:
        image = image.convert(mode)
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, *_BROKEN):
            return _through(profile, image, mode)
    return image.convert(mode)


def _through(profile: bytes, image: Image.Image, mode: str) -> Image.Image:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    srgb = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - Pillow leaves its type open
    target = cast("ImageCms.ImageCmsProfile", srgb)
    return cast("Image.Image", ImageCms.profileToProfile(image, source, target, outputMode=mode))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    page = Image.new("RGB", image.size, (255, 255, 255))
    page.paste(image, mask=image)
    return page


def _png_info(xmp: bytes) -> PngInfo:
    info = PngInfo()
    if xmp:
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return info
