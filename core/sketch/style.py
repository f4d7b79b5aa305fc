"""Styles named in a prompt, as a last pass over the picture."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from core.sketch.stage import chance

_FINE = 400  # pixels of the shorter side below which lines stay one pixel wide


def restyle(image: Image.Image, style: str | None, seed: int) -> Image.Image:
    """Give the picture a style; none leaves it as it is."""
    return _STYLES[style](image, seed) if style else image


def _watercolor(image: Image.Image, seed: int) -> Image.Image:
    """Thin the colours unevenly, darken their rims, and lay them on rough paper."""
    short = min(image.size)
    soft = image.filter(ImageFilter.GaussianBlur(short / 640))
    water = chance(seed, "water").uniform(15, 95, (12, 12)).astype(np.uint8)
    thin = Image.fromarray(water).resize(image.size, Image.Resampling.BICUBIC)
    washed = Image.composite(Image.new("RGB", image.size, (252, 248, 240)), soft, thin)
    rims = _edges(soft).point([max(190, 255 - level) for level in range(256)])
    grain = _grain(image.size, seed).filter(ImageFilter.GaussianBlur(short / 900))
    rough = ImageChops.multiply(rims, grain)
    return ImageChops.multiply(washed, Image.merge("RGB", (rough, rough, rough)))


def _pixel(image: Image.Image, seed: int) -> Image.Image:
    """Reduce to large square pixels of few colours."""
    del seed
    step = max(1, round(min(image.size) / 96))
    small = image.resize(
        (max(1, image.width // step), max(1, image.height // step)), Image.Resampling.BOX
    )
    few = small.quantize(28, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return few.convert("RGB").resize(image.size, Image.Resampling.NEAREST)


def _line(image: Image.Image, seed: int) -> Image.Image:
    """Keep only ink lines on paper."""
    del seed
    edges = _edges(image)
    ink = edges.point([255 - min(255, max(0, level - 8) * 6) for level in range(256)])
    return ImageOps.colorize(ink, (44, 42, 56), (250, 247, 240))


def _mono(image: Image.Image, seed: int) -> Image.Image:
    """Take the colours away."""
    del seed
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=0.5)
    return Image.merge("RGB", (grey, grey, grey))


def _neon(image: Image.Image, seed: int) -> Image.Image:
    """Let only the edges glow, in their own colours."""
    del seed
    vivid = ImageEnhance.Color(image).enhance(2.4)
    edges = _edges(image).point([min(255, max(0, level - 8) * 7) for level in range(256)])
    light = ImageChops.screen(vivid, Image.new("RGB", image.size, (60, 30, 90)))
    lines = ImageChops.multiply(light, Image.merge("RGB", (edges,) * 3))
    small = lines.resize((max(1, image.width // 4), max(1, image.height // 4)))
    glow = small.filter(ImageFilter.GaussianBlur(min(small.size) / 70)).resize(image.size)
    night = Image.blend(Image.new("RGB", image.size, (14, 10, 34)), vivid, 0.12)
    return ImageChops.add(ImageChops.screen(night, ImageChops.add(glow, glow)), lines)


def _poster(image: Image.Image, seed: int) -> Image.Image:
    """Print in few flat inks with a paper margin."""
    del seed
    few = image.quantize(9, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    flat = ImageEnhance.Color(few.convert("RGB")).enhance(1.25)
    margin = round(min(image.size) * 0.045)
    inside = (image.width - 2 * margin, image.height - 2 * margin)
    page = Image.new("RGB", image.size, (246, 241, 231))
    page.paste(ImageOps.fit(flat, inside), (margin, margin))
    return page


def _sepia(image: Image.Image, seed: int) -> Image.Image:
    """Age to browns."""
    del seed
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=0.5)
    return ImageOps.colorize(grey, (52, 36, 28), (250, 236, 208), mid=(164, 124, 88))


_STYLES: Mapping[str, Callable[[Image.Image, int], Image.Image]] = {
    "watercolor": _watercolor,
    "pixel": _pixel,
    "line": _line,
    "mono": _mono,
    "neon": _neon,
    "poster": _poster,
    "sepia": _sepia,
}


def _edges(image: Image.Image) -> Image.Image:
    found = image.filter(ImageFilter.FIND_EDGES)
    # The filter leaves the outermost pixels as they were.
    ImageDraw.Draw(found).rectangle((0, 0, image.width - 1, image.height - 1), outline=0, width=2)
    channels = found.split()
    strongest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    if min(image.size) < _FINE:
        return strongest
    return strongest.filter(ImageFilter.MaxFilter(3))


def _grain(size: tuple[int, int], seed: int) -> Image.Image:
    """Make paper grain: one bright patch, repeated over the picture."""
    tile = 252 - np.abs(chance(seed, "grain").normal(0, 10, (256, 256)))
    patch = Image.fromarray(np.clip(tile, 200, 255).astype(np.uint8))
    grain = Image.new("L", size)
    for x in range(0, size[0], 256):
        for y in range(0, size[1], 256):
            grain.paste(patch, (x, y))
    return grain
