"""Places made by people, and the two that are none: city, room, space and the plain studio."""

import numpy as np

from core.sketch.brush import Paint
from core.sketch.colour import NAMED, Colour, brightness, mix, tone
from core.sketch.scenery import faded
from core.sketch.sky import paint_sky, scatter_stars
from core.sketch.stage import Stage
from core.sketch.subjects import paint_subject

_LAMPS_ON = 0.82
_GABLED = 0.3
_WALLS = ((214, 196, 172), (178, 200, 196), (224, 184, 168), (190, 190, 214), (232, 208, 160))
_BACKDROPS = ((236, 214, 190), (190, 212, 206), (228, 190, 178), (196, 200, 224), (240, 218, 160))


def city(stage: Stage, weather: str | None) -> None:
    """Rows of houses with windows, lit in the dark, behind a street."""
    paint_sky(stage, 0.72, weather)
    stone = stage.tinted((98, 108, 138), 0, 0.5)
    for i, (level, haze) in enumerate(((0.3, 0.6), (0.42, 0.38), (0.54, 0.14))):
        _skyline(stage, level, i, faded(stage, tone(stone, -i), haze))
    high = stage.height
    stage.fill((0, high * 0.8, stage.width, high * 0.8, stage.width, high, 0, high), (92, 94, 108))
    kerb = (0, high * 0.79, stage.width, high * 0.79, stage.width, high * 0.82, 0, high * 0.82)
    stage.fill(kerb, (176, 174, 176))
    dash = stage.short * 0.09
    for x in np.arange(0, stage.width, dash * 2):
        line = (x, high * 0.925, x + dash, high * 0.925, x + dash, high * 0.935, x, high * 0.935)
        stage.fill(line, (232, 226, 206))


def room(stage: Stage, weather: str | None) -> None:
    """A wall with a window and a picture, a floor and a rug."""
    luck = stage.chance("room")
    paint_sky(stage, 0.5, weather)
    wall = stage.tinted(_WALLS[int(luck.integers(len(_WALLS)))], 0, 0.6)
    size = stage.short * 0.4
    left = bool(luck.integers(2))
    x = stage.width * (0.09 if left else 0.91) - (0 if left else size * 0.8)
    window = (x, stage.height * 0.12, size * 0.8, size)
    _wall_with_hole(stage, window, wall)
    _window_frame(stage, window)
    _picture(stage, stage.width * (0.68 if left else 0.12), stage.short * 0.2)
    floor = stage.tinted((176, 130, 94), 1, 0.4)
    stage.band(stage.height * 0.72, stage.height, (floor, tone(floor, -2)))
    wide = stage.width
    board = stage.height * 0.72
    stage.fill(
        (0, board - stage.short * 0.018, wide, board - stage.short * 0.018, wide, board, 0, board),
        tone(wall, 3),
    )
    rug = stage.brush(wide * 0.14, stage.height * 0.78, wide * 0.72)
    deep = 100 * stage.height * 0.085 / (wide * 0.72)
    rug.oval((50, deep * 1.2, 50, deep), Paint(tone(wall, -2)))
    rug.oval((50, deep * 1.2, 44, deep * 0.84), Paint(tone(wall, 1)))


def space(stage: Stage, weather: str | None) -> None:
    """Stars, clouds of gas and a planet with a ring."""
    del weather
    night = stage.tinted((20, 20, 54), 0, 0.3)
    rows = np.linspace(0, 1, stage.height)[:, None]
    top, low = np.array(tone(night, -2)), np.array(mix(night, (86, 52, 120), 0.55))
    stage.paste_rows(0, top + (low - top) * rows)
    luck = stage.chance("nebula")
    for tint in ((120, 70, 160), (60, 110, 170), (190, 90, 140)):
        x, y = stage.width * luck.uniform(), stage.height * luck.uniform()
        stage.glow((x, y, stage.short * luck.uniform(0.4, 0.8)), tint, 0.55)
    scatter_stars(stage, 190, 1.0)
    _planet(stage)


def studio(stage: Stage, weather: str | None) -> None:
    """A plain wall with one large disc, as on a poster."""
    del weather
    luck = stage.chance("studio")
    wall = _BACKDROPS[int(luck.integers(len(_BACKDROPS)))]
    if stage.tints:
        wall = mix(wall, stage.tints[0], 0.75)
    stage.band(0, stage.height, (wall, tone(wall, -1)))
    x, y = stage.width * luck.uniform(0.4, 0.6), stage.height * luck.uniform(0.42, 0.52)
    disc = tone(wall, 4)
    radius = stage.short * luck.uniform(0.34, 0.42)
    stage.brush(x - radius, y - radius, radius * 2).oval((50, 50, 50, 50), Paint(disc))
    stage.ridge(0.84, 0.0, "floor", tone(wall, -2))


def _skyline(stage: Stage, level: float, row: int, colour: Colour) -> None:
    luck = stage.chance(f"skyline {row}")
    x = -stage.short * luck.uniform(0, 0.1)
    dark = brightness(stage.light.ambient) < _LAMPS_ON
    while x < stage.width:
        wide = stage.short * luck.uniform(0.09, 0.18)
        top = stage.height * (level + luck.uniform(-0.14, 0.14))
        shade = mix(colour, (0, 0, 0), luck.uniform(0, 0.08))
        stage.fill((x, top, x + wide, top, x + wide, stage.height, x, stage.height), shade)
        if luck.uniform() < _GABLED:
            stage.fill((x, top, x + wide, top, x + wide / 2, top - wide * 0.5), shade)
        _windows(stage, (x, top, wide), shade, lit_share=0.45 if dark else 0.0)
        x += wide * luck.uniform(1.0, 1.16)


def _windows(
    stage: Stage, box: tuple[float, float, float], wall: Colour, *, lit_share: float
) -> None:
    x, top, wide = box
    luck = stage.chance(f"windows {x:.0f} {top:.0f}")
    step = stage.short * 0.03
    across = max(1, int(wide / step) - 1)
    margin = (wide - across * step) / 2
    pane = step * 0.5
    for y in np.arange(top + step, stage.height * 0.8, step * 1.5):
        for i in range(across):
            left = x + margin + i * step + pane / 2
            spot = (left, y, left + pane, y + pane * 1.5)
            if luck.uniform() < lit_share:
                stage.canvas.rectangle(spot, fill=(255, 218, 132, 235))
            else:
                stage.fill(
                    (spot[0], spot[1], spot[2], spot[1], spot[2], spot[3], spot[0], spot[3]),
                    tone(wall, 1 if lit_share else 2),
                )


def _wall_with_hole(stage: Stage, window: tuple[float, float, float, float], wall: Colour) -> None:
    x, y, wide, high = window
    right, low = x + wide, y + high
    for left, top, end, bottom in (
        (0, 0, stage.width, y), (0, low, stage.width, stage.height),
        (0, y, x, low), (right, y, stage.width, low),
    ):  # fmt: skip
        stage.fill((left, top, end, top, end, bottom, left, bottom), wall)


def _window_frame(stage: Stage, window: tuple[float, float, float, float]) -> None:
    x, y, wide, high = window
    brush = stage.brush(x, y, wide)
    tall = 100 * high / wide
    frame = Paint(NAMED["white"])
    brush.stroke((0, 0, 100, 0, 100, tall, 0, tall, 0, 0), 6, frame)
    brush.stroke((50, 0, 50, tall), 4, frame)
    brush.stroke((0, tall * 0.45, 100, tall * 0.45), 4, frame)
    brush.shape((-8, tall, 108, tall, 108, tall + 8, -8, tall + 8), Paint(tone(NAMED["white"], -1)))


def _picture(stage: Stage, x: float, size: float) -> None:
    luck = stage.chance("picture")
    brush = stage.brush(x, stage.height * luck.uniform(0.16, 0.26), size)
    brush.shape((0, 0, 100, 0, 100, 76, 0, 76), Paint(NAMED["wood"]))
    brush.shape((6, 6, 94, 6, 94, 70, 6, 70), Paint(NAMED["cream"]))
    name = str(luck.choice(["boat", "flower", "star", "heart", "banana"]))
    paint_subject(brush.within(50, 68, 58), name, {}, frozenset())


def _planet(stage: Stage) -> None:
    luck = stage.chance("planet")
    size = stage.short * luck.uniform(0.22, 0.36)
    x = stage.width * float(luck.choice([luck.uniform(0.02, 0.16), luck.uniform(0.6, 0.78)]))
    brush = stage.brush(x, stage.height * luck.uniform(0.06, 0.3), size, lit_up=False)
    names = ("rose", "teal", "gold", "purple")
    colour = stage.tinted(NAMED[names[int(luck.integers(len(names)))]], 1, 0.6)
    brush.oval((50, 50, 40, 40), Paint(colour))
    brush.blob((22, 22, 50, 36, 78, 22, 86, 34, 50, 47, 14, 34), Paint(tone(colour, 2), 0.7))
    brush.blob((12, 60, 50, 70, 88, 60, 80, 74, 50, 80, 20, 74), Paint(tone(colour, -1), 0.8))
    brush.blob((74, 18, 90, 42, 84, 70, 60, 90, 74, 70, 80, 46), Paint(tone(colour, -3), 0.45))
    ring = Paint(tone(colour, 3), 0.9)
    brush.line((13, 60, -8, 72, 8, 79, 50, 70, 96, 46, 106, 34, 88, 33), 3, ring)
