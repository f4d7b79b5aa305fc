"""Text on pictures: the font, and the line that says who drew this."""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

PREVIEW = "PREVIEW - drawn by rules, not by an AI model"
PAPER = (246, 241, 231)
INK = (58, 54, 66)

_FONT = files("noto_cjk_sans_jp_regular").joinpath("NotoSansCJKjp-Regular.otf")
_SMALLEST = 7
_FIRST_WORD = "PREVIEW"
_SMALLEST_INSIDE = 10
_WHITE = 255
_LAYOUTS = (
    PREVIEW,
    "PREVIEW - drawn by rules,\nnot by an AI model",
    "PREVIEW -\ndrawn by rules,\nnot by an AI model",
)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Load the font, which covers Latin, Cyrillic, Greek, Chinese, Japanese and Korean."""
    return ImageFont.truetype(str(_FONT), size)


def band_height(width: int, height: int) -> int:
    """Tell how many pixel rows the preview line takes at the lower edge."""
    return round(_text_size(width, height) * 1.7)


def sign(image: Image.Image) -> None:
    """Write the preview line, or at least its first word, along the picture's lower edge."""
    top = image.height - band_height(*image.size)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, top, image.width, image.height), fill=PAPER)
    middle = (image.width / 2, (top + image.height) / 2)
    size = _text_size(*image.size)
    text = PREVIEW if font(size).getlength(PREVIEW) < image.width else _FIRST_WORD
    draw.text(middle, text, fill=INK, font=font(size), anchor="mm")


def sign_inside(image: Image.Image, mask: Image.Image) -> bool:
    """Write the preview line onto a label inside the white part of a mask, if it fits there."""
    white = np.asarray(mask) == _WHITE
    sums = np.pad(white.astype(np.int32), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    for size in range(max(_SMALLEST_INSIDE, _text_size(*image.size) * 2 // 3), 5, -1):
        rooms = [(lines, _lowest_room(sums, _label_size(lines, size))) for lines in _LAYOUTS]
        fitting = [(room[1], room, lines) for lines, room in rooms if room]
        if fitting:
            _, corner, lines = max(fitting)
            _write_label(image, corner, lines, size)
            return True
    return False


def _label_size(lines: str, size: int) -> tuple[int, int]:
    longest = max(font(size).getlength(line) for line in lines.split("\n"))
    return round(longest + size), round(size * (0.5 + 1.3 * len(lines.split("\n"))))


def _lowest_room(sums: NDArray[np.int32], label: tuple[int, int]) -> tuple[int, int] | None:
    """Find the lowest place, and there the middle one, where a label lies all in white."""
    wide, high = label
    if high >= sums.shape[0] or wide >= sums.shape[1]:
        return None
    inside = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    rows, columns = np.nonzero(inside == wide * high)
    if not rows.size:
        return None
    lowest = columns[rows == rows[-1]]
    return int(lowest[lowest.size // 2]), int(rows[-1])


def _write_label(image: Image.Image, corner: tuple[int, int], lines: str, size: int) -> None:
    wide, high = _label_size(lines, size)
    label = Image.new("RGB", (wide, high), PAPER)
    draw = ImageDraw.Draw(label)
    for i, line in enumerate(lines.split("\n")):
        middle = (wide / 2, size * (0.9 + 1.3 * i))
        draw.text(middle, line, fill=INK, font=font(size), anchor="mm")
    image.paste(label, corner)


def _text_size(width: int, height: int) -> int:
    """Choose a size that reads well at this picture's size and fits its width."""
    wished = min(width, height) * 0.026
    fits = width * 0.96 / (font(100).getlength(PREVIEW) / 100)
    return max(_SMALLEST, round(min(max(wished, 12), fits)))
