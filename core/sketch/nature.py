"""Places outdoors: the scenery behind the things, each drawn on a stage down to its ground."""

import numpy as np

from core.sketch.colour import NAMED, mix, tone
from core.sketch.scenery import (
    GRASS,
    PINE,
    SNOW,
    WATER,
    faded,
    firs,
    flowers,
    frame_of_firs,
    palm,
    peaks,
    scatter,
    trees,
    water,
    weeds,
)
from core.sketch.sky import paint_sky
from core.sketch.stage import Stage


def meadow(stage: Stage, weather: str | None) -> None:
    """Rolling hills with flowers."""
    paint_sky(stage, 0.66, weather)
    grass = stage.tinted(GRASS, 0, 0.45)
    for i, level in enumerate((0.6, 0.67, 0.76)):
        stage.ridge(level, 0.05, f"hill {i}", faded(stage, tone(grass, 1 - i), 0.5 - 0.2 * i))
    trees(stage, 0.66, 5, "tree")
    stage.ridge(0.83, 0.03, "front", tone(grass, -1))
    flowers(stage)


def forest(stage: Stage, weather: str | None) -> None:
    """Rows of firs fading into the haze."""
    paint_sky(stage, 0.62, weather)
    pine = stage.tinted(PINE, 0, 0.5)
    for i, (level, haze) in enumerate(((0.56, 0.74), (0.64, 0.52), (0.74, 0.26))):
        firs(stage, level, (0.2 + 0.1 * i, 18 - 4 * i), faded(stage, pine, haze))
    stage.ridge(0.8, 0.02, "floor", mix(pine, GRASS, 0.45))
    stage.ridge(0.88, 0.03, "front", mix(pine, GRASS, 0.25))
    frame_of_firs(stage, tone(pine, -2))


def snow(stage: Stage, weather: str | None) -> None:
    """Snowy hills with white firs."""
    paint_sky(stage, 0.64, weather)
    white = stage.tinted(SNOW, 0, 0.25)
    stage.ridge(0.56, 0.07, "far", faded(stage, mix(white, (150, 178, 214), 0.6), 0.3))
    firs(stage, 0.64, (0.16, 15), faded(stage, (104, 138, 158), 0.35))
    stage.ridge(0.66, 0.04, "middle", mix(white, (170, 196, 226), 0.45))
    firs(stage, 0.76, (0.28, 7), (78, 116, 132), capped=True)
    stage.ridge(0.78, 0.03, "front", white)


def sea(stage: Stage, weather: str | None) -> None:
    """Open water under a wide sky, with a far shore."""
    paint_sky(stage, 0.56, weather)
    stage.ridge(0.55, 0.05, "shore", faded(stage, (96, 132, 150), 0.45))
    water(stage, 0.57, 1.0)


def beach(stage: Stage, weather: str | None) -> None:
    """Sand in front of the water, and a palm."""
    paint_sky(stage, 0.5, weather)
    water(stage, 0.5, 0.78)
    sand = stage.tinted(NAMED["sand"], 1, 0.25)
    stage.ridge(0.735, 0.035, "foam", (250, 250, 246))
    stage.ridge(0.75, 0.035, "foam", tone(sand, -1))
    stage.ridge(0.765, 0.035, "foam", sand)
    palm(stage)


def underwater(stage: Stage, weather: str | None) -> None:
    """Blue depths with rays of light, weed and bubbles."""
    del weather
    deep = stage.tinted((22, 84, 124), 0, 0.5)
    stage.band(0, stage.height, (mix(deep, (150, 226, 226), 0.72), tone(deep, -2)))
    luck = stage.chance("rays")
    for _ in range(5):
        x, wide = stage.width * luck.uniform(), stage.width * luck.uniform(0.04, 0.12)
        lean = stage.width * 0.16
        ray = (x, 0, x + wide, 0, x + 2 * wide - lean, stage.height, x - lean, stage.height)
        stage.fill(ray, (220, 250, 244), 0.1)
    stage.ridge(0.84, 0.05, "reef", mix(deep, NAMED["purple"], 0.2))
    weeds(stage, mix(deep, NAMED["green"], 0.55))
    stage.ridge(0.9, 0.03, "bed", mix(NAMED["sand"], deep, 0.25))
    for x, y, size in luck.uniform(size=(26, 3)):
        bubble = (x * stage.width, y * stage.height, stage.short * (0.003 + 0.009 * size**2))
        stage.shine(bubble, (226, 250, 250), 0.35)


def mountains(stage: Stage, weather: str | None) -> None:
    """Snow-capped ridges above a green valley."""
    paint_sky(stage, 0.66, weather)
    rock = stage.tinted((104, 118, 150), 0, 0.45)
    peaks(stage, 0.34, "far", faded(stage, rock, 0.45))
    peaks(stage, 0.5, "near", faded(stage, tone(rock, -1), 0.12))
    stage.ridge(0.7, 0.03, "wood", faded(stage, stage.tinted(PINE, 1, 0.4), 0.22))
    firs(stage, 0.78, (0.13, 22), stage.tinted(PINE, 1, 0.4))
    stage.ridge(0.79, 0.03, "front", stage.tinted(tone(GRASS, -1), 1, 0.4))


def desert(stage: Stage, weather: str | None) -> None:
    """Dunes with a light and a dark side."""
    paint_sky(stage, 0.6, weather)
    dune = stage.tinted((226, 168, 104), 0, 0.45)
    for i, level in enumerate((0.56, 0.65, 0.76, 0.86)):
        colour = faded(stage, tone(dune, 1 - (i % 2) - i // 2), 0.42 - 0.14 * i)
        stage.ridge(level, 0.1, f"dune {i}", colour)
    if weather is None:
        scatter(stage, "cactus", 0.74, 2)


def river(stage: Stage, weather: str | None) -> None:
    """A river that winds through meadows."""
    paint_sky(stage, 0.6, weather)
    grass = stage.tinted(GRASS, 0, 0.45)
    stage.ridge(0.54, 0.06, "far", faded(stage, tone(PINE, 1), 0.45))
    stage.ridge(0.6, 0.02, "bank", faded(stage, grass, 0.2))
    luck = stage.chance("river")
    middle, lean = luck.uniform(0.3, 0.7), float(luck.choice([-1, 1]))
    y = np.linspace(0.61, 1.0, 40)
    near = (y - 0.61) / 0.39
    x = middle + lean * 0.2 * np.sin(near * 4.2) * (0.25 + near)
    wide = 0.008 + 0.24 * near**1.5
    river_blue = mix(stage.tinted(WATER, 1, 0.3), (120, 196, 236), 0.45)
    for grow, colour in ((1.14, tone(grass, -2)), (1.0, river_blue)):
        left, right = np.stack((x - wide * grow, y), 1), np.stack((x + wide * grow, y), 1)
        points = np.concatenate((left, right[::-1])) * (stage.width, stage.height)
        stage.fill(points.ravel().tolist(), colour)
    for i in luck.integers(4, len(y), 34):
        glint = float(x[i] + luck.uniform(-0.7, 0.7) * wide[i]) * stage.width
        half, low = float(wide[i]) * stage.width * 0.2, float(y[i]) * stage.height
        thin = stage.short * 0.003 * (0.4 + float(near[i]))
        wave = (glint - half, low, glint, low - thin, glint + half, low, glint, low + thin)
        stage.fill(wave, (250, 252, 252), 0.45)
    trees(stage, 0.68, 6, "bank tree")
