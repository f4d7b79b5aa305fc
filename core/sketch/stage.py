"""The stage: a canvas with its light, its colours and its streams of chance."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from PIL.ImageDraw import ImageDraw

from core.sketch.brush import Brush
from core.sketch.colour import Colour, brightness, lit, mix, toned
from core.sketch.light import Light


def chance(seed: int, purpose: str) -> np.random.Generator:
    """Make the stream of chance for one purpose, so that one choice never shifts another."""
    return np.random.default_rng([abs(seed), zlib.crc32(purpose.encode())])


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a picture is built up; lengths are pixels of the (larger) working canvas."""

    image: Image.Image
    canvas: ImageDraw
    light: Light
    seed: int
    tints: tuple[Colour, ...] = ()

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.image.height

    @property
    def short(self) -> int:
        """Pixels of the shorter side: what sizes are measured by."""
        return min(self.image.size)

    def chance(self, purpose: str) -> np.random.Generator:
        """Give the stream of chance for one purpose."""
        return chance(self.seed, purpose)

    def brush(self, x: float, y: float, width: float, *, lit_up: bool = True) -> Brush:
        """Give a brush for a box `width` pixels wide with its top left at `x, y`."""
        light = self.light.ambient if lit_up else (255, 255, 255)
        return Brush(self.canvas, x, y, width / 100, light)

    def tinted(self, colour: Colour, which: int, share: float) -> Colour:
        """Lean a colour towards one the prompt asked for, as light or dark as it was."""
        if not self.tints:
            return colour
        tint = self.tints[which % len(self.tints)]
        return mix(colour, mix(tint, toned(tint, brightness(colour)), 0.5), min(1.0, share * 1.6))

    def fill(self, points: Sequence[float], colour: Colour, cover: float = 1.0) -> None:
        """Fill a shape given in pixels, under the light of the scene."""
        red, green, blue = lit(colour, self.light.ambient)
        self.canvas.polygon(points, fill=(red, green, blue, round(255 * cover)))

    def shine(self, box: tuple[float, float, float], colour: Colour, cover: float = 1.0) -> None:
        """Fill a disc (middle x, y, radius in pixels) that needs no light."""
        x, y, radius = box
        self.canvas.circle((x, y), radius, fill=(*colour, round(255 * cover)))

    def glow(self, box: tuple[float, float, float], colour: Colour, cover: float) -> None:
        """Let a soft round light (middle x, y, radius in pixels) fade outwards."""
        x, y, radius = box
        side = max(2, round(2 * radius))
        falloff = [round(cover * 255 * max(0.0, 1 - far / 178) ** 1.6) for far in range(256)]
        mask = Image.radial_gradient("L").point(falloff).resize((side, side))
        corner = (round(x - radius), round(y - radius))
        self.image.paste(colour, (*corner, corner[0] + side, corner[1] + side), mask)

    def band(self, top: float, bottom: float, colours: tuple[Colour, Colour]) -> None:
        """Fill the whole width with a gradient between two heights."""
        high = max(1, round(bottom) - round(top))
        share = np.linspace(0, 1, high)[:, None]
        first, second = (np.array(lit(colour, self.light.ambient)) for colour in colours)
        self.paste_rows(round(top), first + (second - first) * share)

    def paste_rows(self, top: int, rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
        """Paste rows of one colour each over the whole width."""
        column = Image.fromarray(np.rint(rows).astype(np.uint8)[:, None, :])
        self.image.paste(column.resize((self.width, len(rows)), Image.Resampling.NEAREST), (0, top))

    def ridge(self, level: float, wave: float, purpose: str, colour: Colour) -> list[float]:
        """Draw rolling land below `level` (share of the height) and give its upper edge."""
        luck = self.chance(purpose)
        x = np.linspace(0, 1, 65)
        aspect = self.width / self.height
        y = sum(
            np.sin(2 * np.pi * (x * aspect * pace + luck.uniform())) * luck.uniform(0.4, 1) / pace
            for pace in (0.6, 1.1, 2.3)
        )
        edge = (level + wave * y / 2) * self.height
        points = np.stack((x * self.width, edge), axis=1).ravel().tolist()
        self.fill([*points, self.width, self.height, 0, self.height], colour)
        return points
