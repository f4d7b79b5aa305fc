"""An honest emblem for what the rules cannot draw: an abstract sign with the word on a label."""

import numpy as np

from core.sketch.brush import Brush, Paint
from core.sketch.caption import INK, PAPER, font
from core.sketch.colour import NAMED, mix, tone
from core.sketch.stage import Stage, chance

_COLOURS = ("red", "gold", "teal", "navy", "rose", "green", "purple", "orange", "blue")


def paint_emblem(stage: Stage, label: str) -> None:
    """Draw a sign made of the word and the seed, and the word itself below it."""
    luck = chance(stage.seed, f"emblem {label}")
    size = stage.short * 0.56
    x, y = stage.width / 2 - size / 2, stage.height * 0.42 - size / 2
    brush = stage.brush(x, y, size)
    first, second, third = (NAMED[str(name)] for name in luck.permutation(_COLOURS)[:3])
    first = stage.tints[0] if stage.tints else first
    brush.oval((50, 50, 50, 50), Paint(PAPER))
    brush.oval((50, 50, 46, 46), Paint(first))
    petals, layers = int(luck.integers(3, 9)), int(luck.integers(2, 4))
    for layer in range(layers):
        colour = mix(second, third, layer / (layers - 1))
        _ring(brush, luck, (petals, 41 - 12 * layer), Paint(tone(colour, layer)))
    brush.oval((50, 50, 5, 5), Paint(PAPER))
    _write(stage, label, y + size)


def _ring(brush: Brush, luck: np.random.Generator, form: tuple[int, float], paint: Paint) -> None:
    """Draw petals around the middle; their form is their number and how far they reach."""
    petals, reach = form
    wide, belly, start = luck.uniform(0.3, 0.95), luck.uniform(0.35, 0.8), luck.uniform()
    for i in range(petals):
        angle = 2 * np.pi * (i + start) / petals
        half = wide * np.pi / petals
        spots = (
            (angle, reach),
            (angle + half, reach * belly),
            (angle, 2),
            (angle - half, reach * belly),
        )
        points = [(50 + far * np.sin(turn), 50 - far * np.cos(turn)) for turn, far in spots]
        brush.blob(points, paint)


def _write(stage: Stage, label: str, top: float) -> None:
    """Write the word on a paper label that just holds it."""
    size = stage.short * 0.075
    widest = stage.width * 0.86
    size = max(6, round(min(size, widest / max(1.0, font(100).getlength(label) / 100))))
    half = font(size).getlength(label) / 2 + size * 0.6
    middle = (stage.width / 2, top + size * 0.4)
    box = (middle[0] - half, middle[1] - size * 0.8, middle[0] + half, middle[1] + size * 0.8)
    stage.canvas.rounded_rectangle(box, radius=size * 0.25, fill=PAPER)
    stage.canvas.text(middle, label, fill=INK, font=font(size), anchor="mm")
