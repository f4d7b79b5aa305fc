"""Skies and what falls from them: gradients, sun and moon, stars, clouds, rain, snow and fog."""

import numpy as np
from PIL import Image

from core.sketch.brush import Paint
from core.sketch.colour import Colour, mix
from core.sketch.stage import Stage


def paint_sky(stage: Stage, horizon: float, weather: str | None) -> None:
    """Fill the canvas with sky whose lightest place is the horizon (share of the height)."""
    light = stage.light
    stops = np.array([
        stage.tinted(light.top, 0, 0.5), stage.tinted(light.middle, 1, 0.35),
        stage.tinted(light.low, 1, 0.2), light.low,
    ])  # fmt: skip
    at = np.linspace(0, 1, stage.height)
    places = [0, horizon * 0.55, horizon, 1]
    rows = np.stack([np.interp(at, places, stops[:, i]) for i in range(3)], axis=1)
    stage.paste_rows(0, rows)
    if light.stars:
        scatter_stars(stage, 90, horizon)
    if light.disc:
        _paint_disc(stage, horizon, light.disc)
    if weather != "clear":
        paint_clouds(stage, horizon, weather)


def scatter_stars(stage: Stage, count: int, depth: float) -> None:
    """Scatter stars over the upper part of the canvas."""
    luck = stage.chance("stars")
    area = max(1.0, stage.width * stage.height / stage.short**2)
    for _ in range(round(count * area)):
        x, y, size = luck.uniform(size=3)
        radius = stage.short * (0.0008 + 0.0022 * size**4)
        bright = 0.35 + 0.6 * luck.uniform()
        stage.shine((x * stage.width, y * depth * stage.height, radius), (255, 250, 232), bright)


def _paint_disc(stage: Stage, horizon: float, colour: Colour) -> None:
    luck = stage.chance("sun")
    x = stage.width * float(luck.choice([luck.uniform(0.14, 0.34), luck.uniform(0.66, 0.86)]))
    low = stage.light.middle[0] > stage.light.middle[2]
    y = stage.height * horizon * (luck.uniform(0.62, 0.86) if low else luck.uniform(0.2, 0.42))
    radius = stage.short * (0.085 if low else 0.058)
    stage.glow((x, y, radius * 5), colour, 0.5)
    stage.shine((x, y, radius), colour)
    if stage.light.stars:
        for dx, dy, size in ((-0.3, -0.2, 0.2), (0.28, 0.3, 0.26), (0.05, -0.5, 0.12)):
            crater = (x + dx * radius, y + dy * radius, size * radius)
            stage.shine(crater, mix(colour, (120, 124, 150), 0.5), 0.5)


def paint_clouds(stage: Stage, horizon: float, weather: str | None) -> None:
    """Draw a few flat-bottomed clouds, more and darker ones in bad weather."""
    luck = stage.chance("clouds")
    heavy = weather in {"clouds", "rain", "storm", "snowfall"}
    count = 7 if heavy else int(luck.integers(1, 4))
    body = mix(stage.light.low, (255, 255, 255), 0.55)
    if weather in {"rain", "storm"}:
        body = mix(stage.light.top, stage.light.low, 0.35)
    for i in range(count):
        width = stage.short * luck.uniform(0.2, 0.46) * (1.25 if heavy else 1)
        x = stage.width * ((i + luck.uniform()) / count) - width / 2
        y = stage.height * horizon * luck.uniform(0.06, 0.62)
        _paint_cloud(stage, (x, y, width), mix(body, stage.light.top, luck.uniform(0, 0.25)))


def _paint_cloud(stage: Stage, box: tuple[float, float, float], colour: Colour) -> None:
    """Draw one cloud; its box is the left, the flat bottom and the width in pixels."""
    x, y, width = box
    luck = stage.chance(f"cloud {x:.0f}")
    brush = stage.brush(x, y, width, lit_up=False)
    paint = Paint(colour, 0.86)
    a, b, c = luck.uniform(8, 14), luck.uniform(20, 30), luck.uniform(12, 20)
    brush.blob(
        (0, 0, 4, -a * 0.8, 16, -a, 24, -a - 2, 32, -b, 48, -b - 4, 60, -b * 0.8, 66, -c,
         80, -c - 2, 92, -c * 0.6, 99, -2, 92, 1, 50, 1.5, 8, 1),
        paint,
    )  # fmt: skip


def paint_weather(stage: Stage, weather: str | None) -> None:
    """Draw what is in the air in front of everything."""
    if weather in {"rain", "storm"}:
        _paint_rain(stage)
    if weather == "storm":
        _paint_lightning(stage)
    if weather == "snowfall":
        _paint_flakes(stage)
    if weather == "fog":
        _paint_fog(stage)


def _paint_rain(stage: Stage) -> None:
    luck = stage.chance("rain")
    area = stage.width * stage.height / stage.short**2
    slant = float(luck.uniform(-0.3, 0.3))
    for x, y, size in luck.uniform(size=(round(220 * area), 3)):
        long = stage.short * (0.02 + 0.035 * size)
        left, top = x * stage.width, y * stage.height
        width = max(1, round(stage.short * (0.0012 + 0.0012 * size)))
        fill = (226, 236, 246, round(60 + 90 * size))
        stage.canvas.line((left, top, left + slant * long, top + long), fill=fill, width=width)


def _paint_flakes(stage: Stage) -> None:
    luck = stage.chance("flakes")
    area = stage.width * stage.height / stage.short**2
    for x, y, size in luck.uniform(size=(round(170 * area), 3)):
        radius = stage.short * (0.0016 + 0.0065 * size**3)
        stage.shine((x * stage.width, y * stage.height, radius), (255, 255, 255), 0.5 + 0.4 * size)


def _paint_fog(stage: Stage) -> None:
    """Lay drifting banks over the picture, denser towards the ground."""
    veil = mix(stage.light.low, (255, 255, 255), 0.25)
    banks = stage.chance("fog").uniform(0.25, 1.0, (9, 3))
    dense = np.clip(np.linspace(-0.1, 0.85, 9), 0, 0.62)[:, None]
    mask = Image.fromarray((255 * banks * dense).astype(np.uint8))
    stage.image.paste(veil, (0, 0), mask.resize(stage.image.size, Image.Resampling.BICUBIC))


def _paint_lightning(stage: Stage) -> None:
    luck = stage.chance("lightning")
    size = stage.height * 0.46
    brush = stage.brush(stage.width * luck.uniform(0.12, 0.7), 0, size, lit_up=False)
    bolt = (40, 0, 26, 44, 42, 42, 28, 74, 38, 72, 22, 104, 52, 62, 42, 63, 60, 34, 46, 36, 62, 0)
    brush.shape(bolt, Paint((255, 246, 200), 0.92))
