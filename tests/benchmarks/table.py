"""What a measure found: rows with ours beside the floor, and the goals they meet or miss."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from rich.table import Table

COLUMNS = ("measure", "ours", "floor", "ratio", "goal", "met")


@dataclass(frozen=True)
class Goal:
    """The most that is allowed, or the most that is allowed beyond the floor."""

    most: float
    over_floor: bool = False

    def met(self, ours: float, floor: float | None) -> bool:
        """Judge a figure."""
        return ours - (floor or 0.0 if self.over_floor else 0.0) <= self.most


@dataclass(frozen=True)
class Row:
    """One figure, smaller is better; without a floor where the bare libraries do nothing alike."""

    name: str
    unit: str
    ours: float
    floor: float | None = None
    goal: Goal | None = None

    def cells(self) -> tuple[str, ...]:
        """Write it as people read it."""
        ratio = f"{self.ours / self.floor:.1f}" if self.floor else "–"
        floor = "–" if self.floor is None else self._figure(self.floor)
        return (self.name, self._figure(self.ours), floor, ratio, self._goal(), self._met())

    def _figure(self, value: float) -> str:
        digits = 0 if value >= 100 else 1 if value >= 10 else 2
        return f"{value:.{digits}f} {self.unit}"

    def _goal(self) -> str:
        if self.goal is None:
            return "–"
        over = " over the floor" if self.goal.over_floor else ""
        return f"≤ {self.goal.most:g} {self.unit}{over}"

    def _met(self) -> str:
        if self.goal is None:
            return ""
        return "yes" if self.goal.met(self.ours, self.floor) else "no"


@dataclass(frozen=True)
class Curve:
    """A distribution to draw: milliseconds of ours and of the floor."""

    title: str
    ours: Sequence[float]
    floor: Sequence[float]
    goal: float


@dataclass(frozen=True)
class Result:
    """What one measure found, and how it looked."""

    how: str
    rows: tuple[Row, ...]
    curve: Curve | None = None


def share(values: Sequence[float], percent: float) -> float:
    """Find the smallest value that so many percent of all do not pass."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def shown(rows: Sequence[Row]) -> Table:
    """Lay rows out for a terminal."""
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*row.cells())
    return table


def written(rows: Sequence[Row]) -> str:
    """Lay rows out as Markdown."""
    lines = [COLUMNS, ("---", "--:", "--:", "--:", "--:", "---"), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
