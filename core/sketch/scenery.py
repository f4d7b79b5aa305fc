"""Pieces of scenery: water, peaks, firs, trees, flowers, weed and palms."""

import numpy as np

from core.sketch.brush import Paint
from core.sketch.colour import NAMED, Colour, mix, tone
from core.sketch.stage import Stage
from core.sketch.subjects import paint_subject

GRASS = (116, 170, 96)
PINE = (44, 92, 82)
WATER = (52, 124, 164)
SNOW = (240, 245, 250)
_BARK = (84, 66, 60)


def faded(stage: Stage, colour: Colour, share: float) -> Colour:
    """Fade a colour into the haze; the haze is undone by the light that falls on it later."""
    light = stage.light
    red, green, blue = (
        min(255, h * 255 // max(a, 1)) for h, a in zip(light.haze, light.ambient, strict=True)
    )
    return mix(colour, (red, green, blue), share)


def water(stage: Stage, top: float, bottom: float) -> None:
    """Fill the water between two heights (shares of the height), with glints."""
    colour = stage.tinted(WATER, 0, 0.5)
    high = stage.height
    glint = mix(colour, stage.light.low, 0.55)
    stage.band(top * high, bottom * high, (glint, tone(colour, -1)))
    luck = stage.chance("waves")
    for near in np.sort(luck.uniform(size=70)):
        y = high * (top + (bottom - top) * near)
        half = stage.short * (0.01 + 0.06 * near) * luck.uniform(0.5, 1.2)
        x, thin = luck.uniform() * stage.width, stage.short * (0.0012 + 0.0032 * near)
        bright = mix(colour, mix(stage.light.low, (255, 255, 255), 0.5), 0.75)
        wave = (x - half, y, x, y - thin, x + half, y, x, y + thin)
        stage.fill(wave, bright, 0.3 + 0.3 * luck.uniform())


def peaks(stage: Stage, level: float, purpose: str, colour: Colour) -> None:
    """Draw snow-capped peaks whose tops lie around a height."""
    luck = stage.chance(f"peaks {purpose}")
    count = max(2, round(2.6 * stage.width / stage.height))
    for i in luck.permutation(count):
        x = stage.width * (i + luck.uniform(0.2, 0.8)) / count
        top = stage.height * (level + luck.uniform(-0.08, 0.1))
        half = stage.height * luck.uniform(0.34, 0.5)
        base = top + half * 1.25
        _peak(stage, (x, top, half, base), colour, luck.uniform(0.3, 0.5))


def _peak(
    stage: Stage, box: tuple[float, float, float, float], colour: Colour, snow_line: float
) -> None:
    x, top, half, base = box
    stage.fill((x, top, x + half, base, x - half, base), colour)
    stage.fill(
        (x, top, x + half, base, x + half * 0.1, base, x + half * 0.12, top + half * 0.6),
        tone(colour, -1),
    )
    deep, side = (base - top) * snow_line, half * snow_line
    cap = [
        x, top, x + side, top + deep, x + side * 0.55, top + deep * 0.84, x + side * 0.2,
        top + deep * 1.12, x - side * 0.2, top + deep * 0.8, x - side * 0.6, top + deep * 1.04,
        x - side, top + deep,
    ]  # fmt: skip
    stage.fill(cap, mix(SNOW, colour, 0.08))
    stage.fill(
        (
            x,
            top,
            x + side,
            top + deep,
            x + side * 0.55,
            top + deep * 0.84,
            x + side * 0.2,
            top + deep * 1.12,
        ),
        mix((196, 210, 232), colour, 0.2),
    )


def firs(
    stage: Stage, level: float, size: tuple[float, int], colour: Colour, *, capped: bool = False
) -> None:
    """Draw a row of firs; its size is their height (share) and their number."""
    high, count = size
    luck = stage.chance(f"firs {level}")
    across = max(2, round(count * stage.width / stage.height))
    for i in range(across):
        x = stage.width * (i + luck.uniform(0, 1)) / across
        tall = stage.height * high * luck.uniform(0.6, 1.1)
        base = stage.height * (level + 0.05 + luck.uniform(0, 0.03))
        _fir(stage, (x, base, tall), mix(colour, (0, 0, 0), luck.uniform(0, 0.06)), capped=capped)


def _fir(
    stage: Stage, box: tuple[float, float, float], colour: Colour, *, capped: bool = False
) -> None:
    """Draw a fir; its box is the middle x, the foot and the height in pixels."""
    x, base, tall = box
    trunk, knee = tall * 0.03, base - tall * 0.2
    stage.fill((x - trunk, base, x - trunk, knee, x + trunk, knee, x + trunk, base), _BARK)
    for step, share in enumerate((0.24, 0.19, 0.14)):
        foot = base - tall * (0.1 + 0.23 * step)
        half, top = tall * share, foot - tall * 0.44
        stage.fill((x, top, x + half, foot, x - half, foot), colour)
        stage.fill((x, top, x + half, foot, x + tall * 0.024, foot), tone(colour, -1), 0.7)
        if capped:
            _cap(stage, (x, top, half / 2, tall * 0.22))


def _cap(stage: Stage, box: tuple[float, float, float, float]) -> None:
    """Lay snow on a tip; its box is the tip, how far it reaches sideways and down."""
    x, top, side, deep = box
    left, middle, right = (
        (x - side, top + deep),
        (x - side * 0.4, top + deep * 1.1),
        (x + side, top + deep),
    )
    notch = (x + side * 0.6, top + deep * 0.8)
    stage.fill((x, top, *right, *notch, *middle, *left), SNOW)


def frame_of_firs(stage: Stage, colour: Colour) -> None:
    """Frame the picture with tall firs at both sides."""
    luck = stage.chance("frame")
    for side in (0.0, 1.0):
        for i in range(2):
            x = stage.width * abs(side - luck.uniform(-0.02, 0.12))
            tall = stage.height * luck.uniform(0.6, 0.95)
            _fir(stage, (x, stage.height * (0.95 + 0.05 * i), tall), colour)


def trees(stage: Stage, level: float, count: int, purpose: str) -> None:
    """Scatter small round trees."""
    luck = stage.chance(purpose)
    for _ in range(count):
        size = stage.short * luck.uniform(0.08, 0.17)
        x, y = stage.width * luck.uniform(), stage.height * (level + luck.uniform(0.02, 0.1))
        green = faded(stage, stage.tinted(NAMED["green"], 0, 0.4), luck.uniform(0.05, 0.3))
        paint_subject(stage.brush(x, y - size, size), "tree", {"coat": green}, frozenset())


def scatter(stage: Stage, name: str, level: float, count: int) -> None:
    """Scatter small copies of a subject."""
    luck = stage.chance(f"small {name}")
    for _ in range(count):
        size = stage.short * luck.uniform(0.1, 0.2)
        x, y = stage.width * luck.uniform(0, 0.9), stage.height * (level + luck.uniform(0, 0.1))
        paint_subject(stage.brush(x, y - size, size), name, {}, frozenset())


def flowers(stage: Stage) -> None:
    """Dot the foreground with flowers."""
    luck = stage.chance("flowers")
    colours = [NAMED[name] for name in ("white", "yellow", "rose", "pink")]
    for x, y in luck.uniform(size=(60, 2)):
        colour = colours[int(luck.integers(len(colours)))]
        radius = stage.short * 0.0022 * (1 + 2.2 * y)
        spot = (x * stage.width, stage.height * (0.86 + 0.14 * y))
        red, green, blue = mix(colour, stage.light.ambient, 0.2)
        stage.canvas.circle(spot, radius, fill=(red, green, blue, 230))


def weeds(stage: Stage, colour: Colour) -> None:
    """Let weed grow from the bed."""
    luck = stage.chance("weeds")
    for x in luck.uniform(size=14):
        size = stage.short * luck.uniform(0.12, 0.3)
        brush = stage.brush(x * stage.width, stage.height * 0.95 - size, size)
        lean = luck.uniform(-14, 14)
        weed = (50, 100, 50 + lean, 76, 50 - lean, 52, 50 + lean, 28, 50 - lean, 4)
        brush.line(weed, 7, Paint(tone(colour, int(luck.integers(-2, 2)))))


def palm(stage: Stage) -> None:
    """Lean a palm in from one side."""
    luck = stage.chance("palm")
    size = stage.short * luck.uniform(0.6, 0.75)
    right = bool(luck.integers(2))
    x = stage.width * luck.uniform(0.84, 0.9) - size / 2 if right else stage.width * 0.12 - size / 2
    brush = stage.brush(x, stage.height * 0.86 - size, size)
    brush = next(iter(list(brush.sides())[1:])) if right else brush
    brush.line((46, 102, 50, 70, 58, 44, 70, 22), 4.4, Paint((128, 92, 66)))
    for tip in ((100, 34), (98, 14), (84, 4), (56, 4), (42, 18), (44, 38)):
        mid_x, mid_y = (70 + tip[0]) / 2, (22 + tip[1]) / 2 - 8
        leaf = (70, 22, mid_x, mid_y - 3, *tip, mid_x, mid_y + 6)
        brush.blob(leaf, Paint(stage.tinted((66, 134, 92), 0, 0.3)))
