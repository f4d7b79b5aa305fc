"""Draw words into the masked part of a picture and leave the rest as it is."""

from dataclasses import replace
from typing import cast

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from core.sketch.caption import sign, sign_inside
from core.sketch.colour import Colour, mix
from core.sketch.composition import paint_things
from core.sketch.draw import paint
from core.sketch.emblem import paint_emblem
from core.sketch.light import light_of
from core.sketch.scene import Scene, understand
from core.sketch.stage import Stage

_HEAL_SIDE = 192
_HEAL_RADII = (64, 24, 8, 3)
_ZOOM = 2

Box = tuple[int, int, int, int]


def inpaint(
    image: Image.Image, mask: Image.Image, prompt: str, *, seed: int, strength: float = 1.0
) -> Image.Image:
    """Draw the words where the mask is white; grey blends, black pixels stay exactly as they are.

    The preview line is written inside the white part. Only where that is too small for it does
    the line take its usual strip along the lower edge of the picture.
    """
    source = image.convert("RGB")
    where = mask.convert("L").resize(source.size, Image.Resampling.NEAREST)
    box = where.getbbox()
    if box is None:
        return source.copy()
    filled = _filled(source, where, box, understand(prompt), seed)
    share = where.point([round(level * min(1.0, max(0.0, strength))) for level in range(256)])
    result = Image.composite(filled, source, share)
    if not sign_inside(result, where):
        sign(result)
    return result


def _filled(
    source: Image.Image, where: Image.Image, box: Box, scene: Scene, seed: int
) -> Image.Image:
    """Fill the box: with a whole scene if the words name its surroundings, else with the thing."""
    size = (box[2] - box[0], box[3] - box[1])
    filled = source.copy()
    if scene.edit != "remove" and (scene.place or scene.time or scene.weather):
        filled.paste(paint(scene, seed=seed, size=size), box)
        return filled
    ground = healed(source, where).crop(box)
    if scene.edit != "remove":
        ground = _with_things(ground, scene, seed)
    filled.paste(ground, box)
    return filled


def _with_things(ground: Image.Image, scene: Scene, seed: int) -> Image.Image:
    large = ground.resize((ground.width * _ZOOM, ground.height * _ZOOM))
    around = cast("Colour", ground.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))
    light = replace(light_of("day", None), ambient=mix(around, (255, 255, 255), 0.7))
    stage = Stage(large, ImageDraw.Draw(large, "RGBA"), light, seed, scene.colours)
    paint_things(stage, scene, "studio", "close")
    if scene.label:
        paint_emblem(stage, scene.label)
    return large.reduce(_ZOOM)


def healed(source: Image.Image, where: Image.Image) -> Image.Image:
    """Spread the colours around the mask over it, near ones first."""
    small = source.copy()
    small.thumbnail((_HEAL_SIDE, _HEAL_SIDE))
    hole = where.resize(small.size, Image.Resampling.BOX)
    kept = Image.fromarray(np.where(np.asarray(hole) > 0, 0, 255).astype(np.uint8))
    black = Image.new("RGB", small.size)
    visible = Image.composite(small, black, kept)
    spread = np.zeros((small.height, small.width, 3))
    for radius in _HEAL_RADII:
        blur = ImageFilter.BoxBlur(radius)
        weight = np.asarray(kept.filter(blur), dtype=np.float64)[..., None]
        colours = np.asarray(visible.filter(blur), dtype=np.float64) * 255 / np.maximum(weight, 1)
        trust = np.clip(weight / 48, 0, 1)
        spread = colours * trust + spread * (1 - trust)
    patch = Image.fromarray(np.clip(spread, 0, 255).astype(np.uint8))
    large = patch.resize(source.size, Image.Resampling.BICUBIC)
    return Image.composite(large, source, where.point([0] + [255] * 255))
