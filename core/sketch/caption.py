"""Text on pictures: the font, and the line that says who drew this."""

from __future__ import annotations

from functools import cache

from noto_cjk_sans_jp_regular import FONT_PATH
from PIL import Image, ImageDraw, ImageFont

PREVIEW = "PREVIEW - drawn by rules, not by an AI model"
PAPER = (246, 241, 231)
INK = (58, 54, 66)

_SMALLEST = 5


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Load the font, which covers Latin, Cyrillic, Greek, Chinese, Japanese and Korean."""
    return ImageFont.truetype(FONT_PATH, size)


def band_height(width: int, height: int) -> int:
    """Tell how many pixel rows the preview line takes at the lower edge."""
    return round(_text_size(width, height) * 1.7)


def sign(image: Image.Image) -> None:
    """Write the preview line into a paper strip along the lower edge of the picture."""
    size = _text_size(*image.size)
    high = band_height(*image.size)
    draw = ImageDraw.Draw(image)
    top = image.height - high
    draw.rectangle((0, top, image.width, image.height), fill=PAPER)
    middle = (image.width / 2, top + high / 2)
    draw.text(middle, PREVIEW, fill=INK, font=font(size), anchor="mm")


def _text_size(width: int, height: int) -> int:
    """Choose a size that reads well at this picture's size and fits its width."""
    wished = min(width, height) * 0.026
    fits = width * 0.96 / (font(100).getlength(PREVIEW) / 100)
    return max(_SMALLEST, round(min(max(wished, 12), fits)))
