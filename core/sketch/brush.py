"""A brush draws smooth shapes, given in a 100 by 100 box, onto a place of the canvas."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL.ImageDraw import ImageDraw

from core.sketch.colour import Colour, lit


@dataclass(frozen=True, slots=True)
class Paint:
    """A colour, how much it covers (0 to 1), and whether it shines by itself in the dark."""

    colour: Colour
    cover: float = 1.0
    shines: bool = False


@dataclass(frozen=True, slots=True)
class Brush:
    """Where a shape goes: `x, y` is the box's top left on the canvas, `unit` pixels per step."""

    canvas: ImageDraw
    x: float
    y: float
    unit: float
    light: Colour = (255, 255, 255)
    mirrored: bool = False
    silhouette: ImageDraw | None = None

    def sides(self) -> Iterator["Brush"]:
        """Give this brush and its mirror image, for what comes in pairs."""
        yield self
        yield replace(self, mirrored=not self.mirrored)

    def within(self, x: float, y: float, width: float) -> "Brush":
        """Give a brush for a smaller box `width` wide whose middle bottom is at `x, y`."""
        share = width / 100
        left = 100 - x - width / 2 if self.mirrored else x - width / 2
        return replace(
            self,
            x=self.x + left * self.unit,
            y=self.y + (y - width) * self.unit,
            unit=self.unit * share,
        )

    def blob(self, points: ArrayLike, paint: Paint) -> None:
        """Fill a smooth closed curve through the points."""
        self.shape(smooth(points, closed=True), paint)

    def oval(self, box: tuple[float, float, float, float], paint: Paint, turn: float = 0) -> None:
        """Fill an ellipse (middle x, y and both radii), turned clockwise by degrees."""
        middle_x, middle_y, wide, high = box
        around = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        tilt = np.radians(turn)
        x, y = wide * np.cos(around), high * np.sin(around)
        points = np.stack(
            (
                middle_x + x * np.cos(tilt) - y * np.sin(tilt),
                middle_y + x * np.sin(tilt) + y * np.cos(tilt),
            ),
            axis=1,
        )
        self.shape(points, paint)

    def shape(self, points: ArrayLike, paint: Paint) -> None:
        """Fill a closed shape with straight edges."""
        where = self._place(points)
        self.canvas.polygon(where, fill=self._fill(paint))
        if self.silhouette is not None and paint.cover == 1:
            self.silhouette.polygon(where, fill=255)

    def line(self, points: ArrayLike, width: float, paint: Paint) -> None:
        """Draw a smooth line with round ends."""
        self.stroke(smooth(points, closed=False), width, paint)

    def stroke(self, points: ArrayLike, width: float, paint: Paint) -> None:
        """Draw a line with straight pieces and round ends."""
        where = self._place(points)
        thick = max(1, round(width * self.unit))
        for draw, fill in self._targets(paint):
            draw.line(where, fill=fill, width=thick, joint="curve")
            for x, y in ((where[0], where[1]), (where[-2], where[-1])):
                draw.circle((x, y), thick / 2, fill=fill)

    def _targets(self, paint: Paint) -> Iterator[tuple[ImageDraw, tuple[int, ...] | int]]:
        yield self.canvas, self._fill(paint)
        if self.silhouette is not None and paint.cover == 1:
            yield self.silhouette, 255

    def _fill(self, paint: Paint) -> tuple[int, int, int, int]:
        colour = paint.colour if paint.shines else lit(paint.colour, self.light)
        return (*colour, round(255 * paint.cover))

    def _place(self, points: ArrayLike) -> list[float]:
        pairs = np.array(points, dtype=np.float64).reshape(-1, 2)
        if self.mirrored:
            pairs[:, 0] = 100 - pairs[:, 0]
        pairs *= self.unit
        pairs += (self.x, self.y)
        return pairs.ravel().tolist()


def smooth(points: ArrayLike, *, closed: bool, steps: int = 8) -> NDArray[np.float64]:
    """Lead a Catmull-Rom curve through the points."""
    pairs = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if closed:
        ring = np.concatenate((pairs[-1:], pairs, pairs[:2]))
    else:
        ring = np.concatenate((pairs[:1], pairs, pairs[-1:]))
    before, start, end, after = (ring[i : len(ring) - 3 + i, None, :] for i in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    flat = curve.reshape(-1, 2)
    return flat if closed else np.concatenate((flat, pairs[-1:]))
