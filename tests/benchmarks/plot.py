"""The picture of the waits: how many of all were over after how many milliseconds."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from core.sketch.caption import font
from tests.benchmarks.table import Curve, share

SCALE = 2
WIDE, HIGH, MARGIN, FOOT, TOP = 900, 300, 70, 44, 54
PAPER, INK, FAINT, GRID = "#ffffff", "#24292f", "#6e7781", "#e5e8eb"
OURS, FLOOR, GOAL = "#c2410c", "#2563eb", "#9aa4ae"
SHARES = (0, 25, 50, 75, 100)
STEPS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
"""Milliseconds between two marks, up to a wait that no measure outlasts."""


def draw(curves: Sequence[Curve], file: Path) -> None:
    """Draw one panel below the other."""
    image = Image.new("RGB", (WIDE * SCALE, HIGH * len(curves) * SCALE), PAPER)
    for number, curve in enumerate(curves):
        _Panel(ImageDraw.Draw(image), curve, number * HIGH).draw()
    image.quantize(64, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)


class _Panel:
    def __init__(self, canvas: ImageDraw.ImageDraw, curve: Curve, top: int) -> None:
        self._canvas = canvas
        self._curve = curve
        self._top = top
        longest = max(share(curve.ours, 99.5), share(curve.floor, 99.5), curve.goal)
        self._step = next(step for step in STEPS if longest / step < 10)
        self._most = longest * 1.05

    def draw(self) -> None:
        self._words(self._curve.title, 0, (MARGIN, self._top + 14), INK, size=16)
        self._grid()
        x = self._x(self._curve.goal)
        self._line([(x, self._y(0)), (x, self._y(100))], GOAL, 1.5)
        side, beside = (-1, x - 6) if x > WIDE / 2 else (0, x + 6)
        self._words(f"p99 goal {self._curve.goal:g} ms", side, (beside, self._y(8) - 8), FAINT)
        self._steps(self._curve.floor, FLOOR)
        self._steps(self._curve.ours, OURS)
        self._legend()

    def _grid(self) -> None:
        for part in SHARES:
            y = self._y(part)
            self._line([(MARGIN, y), (WIDE - 30, y)], GRID, 1)
            self._words(f"{part} %", -1, (MARGIN - 10, y - 9), FAINT)
        for number in range(int(self._most / self._step) + 1):
            x = self._x(number * self._step)
            self._words(f"{number * self._step} ms", 1, (x, self._y(0) + 6), FAINT)

    def _steps(self, values: Sequence[float], colour: str) -> None:
        shown = [(self._x(share(values, part / 5)), self._y(part / 5)) for part in range(1, 501)]
        self._line([one for one in shown if one[0] <= WIDE - 30], colour, 2.5)

    def _legend(self) -> None:
        for number, (name, values, colour) in enumerate(
            (("ours", self._curve.ours, OURS), ("floor", self._curve.floor, FLOOR))
        ):
            words = f"{name}: p50 {share(values, 50):.0f} ms, p99 {share(values, 99):.0f} ms"
            x = WIDE - 30 - 240 * (2 - number)
            self._line([(x, self._top + 26), (x + 16, self._top + 26)], colour, 3)
            self._words(words, 0, (x + 22, self._top + 16), INK)

    def _x(self, milliseconds: float) -> float:
        return MARGIN + (WIDE - 30 - MARGIN) * milliseconds / self._most

    def _y(self, percent: float) -> float:
        return self._top + HIGH - FOOT - (HIGH - FOOT - TOP) * percent / 100

    def _line(self, points: list[tuple[float, float]], colour: str, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._canvas.line(scaled, colour, round(width * SCALE), joint="curve")

    def _words(
        self, words: str, side: int, at: tuple[float, float], colour: str, size: int = 13
    ) -> None:
        """Write words that begin (0), end (-1) or are centred (1) where said."""
        face: ImageFont.FreeTypeFont = font(size * SCALE)
        anchor = {0: "la", -1: "ra", 1: "ma"}[side]
        place = (at[0] * SCALE, at[1] * SCALE)
        self._canvas.text(place, words, fill=colour, font=face, anchor=anchor)
