"""Subjects: drawings kept as data, one shape a line, drawn with a brush."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from core.sketch.brush import Brush, Paint
from core.sketch.colour import NAMED, Colour, tone

_FILES = ("animals.toml", "people.toml", "places.toml", "things.toml")


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a drawing."""

    verb: str
    paint: str
    numbers: tuple[float, ...]
    both: bool
    wanted: frozenset[str]
    unwanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Subject:
    """A drawing and where it belongs: on the ground, in the sky, in the water, in front."""

    name: str
    coat: str
    where: str
    home: str
    size: float
    shapes: tuple[Shape, ...]
    worn: Mapping[str, tuple[float, float, float]]


@cache
def subjects() -> Mapping[str, Subject]:
    """Load every drawing by its name."""
    folder = files("core.sketch.shapes")
    return {
        name: _subject(name, cast("dict[str, object]", table))
        for file in _FILES
        for name, table in tomllib.loads(folder.joinpath(file).read_text("utf-8")).items()
    }


def paint_subject(
    brush: Brush, name: str, colours: Mapping[str, Colour], parts: frozenset[str]
) -> None:
    """Draw a subject with its colours (`coat`, `hair`, ...) and the parts it wears."""
    subject = subjects()[name]
    palette = {"coat": NAMED[subject.coat], **colours}
    for shape in subject.shapes:
        if shape.wanted <= parts and shape.unwanted.isdisjoint(parts):
            for side in brush.sides() if shape.both else (brush,):
                _draw(side, shape, _mixed(shape.paint, palette))
    for part, (x, y, width) in subject.worn.items():
        if part in parts:
            coat = {"coat": colours[part]} if part in colours else {}
            paint_subject(brush.within(x, y, width), part, coat, frozenset())


def _draw(brush: Brush, shape: Shape, paint: Paint) -> None:
    numbers = shape.numbers
    match shape.verb:
        case "blob":
            brush.blob(numbers, paint)
        case "shape":
            brush.shape(numbers, paint)
        case "oval":
            x, y, wide, high, *turn = numbers
            brush.oval((x, y, wide, high), paint, turn[0] if turn else 0)
        case "line":
            brush.line(numbers[1:], numbers[0], paint)
        case _:
            brush.stroke(numbers[1:], numbers[0], paint)


def _mixed(paint: str, palette: Mapping[str, Colour]) -> Paint:
    """Read a paint: a colour, `+` lighter or `-` darker steps, `/` cover in percent, `*` shines."""
    text, _, cover = paint.rstrip("*").partition("/")
    name = text.rstrip("+-0123456789")
    steps = int(text[len(name) :] or 0)
    colour = palette[name] if name in palette else NAMED[name]
    return Paint(tone(colour, steps), int(cover or 100) / 100, shines=paint.endswith("*"))


def _subject(name: str, table: Mapping[str, object]) -> Subject:
    worn = {
        part: cast("tuple[float, float, float]", tuple(cast("list[float]", table[part])))
        for part in ("scarf", "glasses", "hat", "crown")
        if part in table
    }
    if "hat" in worn:
        worn.setdefault("crown", worn["hat"])
    return Subject(
        name=name,
        coat=str(table["coat"]),
        where=str(table["where"]),
        home=str(table.get("home", "")),
        size=float(cast("float", table.get("size", 1.0))),
        shapes=tuple(_shape(line) for line in str(table["shapes"]).strip().splitlines()),
        worn=worn,
    )


def _shape(line: str) -> Shape:
    words = line.split()
    both = words[0] == "both" or "both" in words[:3]
    conditions = [word[1:] for word in words if word.startswith("?")]
    verb, paint, *numbers = (word for word in words if word != "both" and word[0] != "?")
    return Shape(
        verb=verb,
        paint=paint,
        numbers=tuple(map(float, numbers)),
        both=both,
        wanted=frozenset(word for word in conditions if word[0] != "!"),
        unwanted=frozenset(word[1:] for word in conditions if word[0] == "!"),
    )
