"""Composition: which place, and where the things stand in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from PIL import Image, ImageChops, ImageDraw

from core.sketch import built, nature
from core.sketch.brush import Brush, Paint
from core.sketch.colour import NAMED, Colour, mix
from core.sketch.scene import Scene, Thing
from core.sketch.sky import paint_weather
from core.sketch.stage import Stage
from core.sketch.subjects import Subject, paint_subject, subjects

PLACES: Mapping[str, Callable[[Stage, str | None], None]] = {
    "meadow": nature.meadow,
    "forest": nature.forest,
    "snow": nature.snow,
    "sea": nature.sea,
    "beach": nature.beach,
    "underwater": nature.underwater,
    "mountains": nature.mountains,
    "desert": nature.desert,
    "river": nature.river,
    "city": built.city,
    "room": built.room,
    "space": built.space,
    "studio": built.studio,
}
_CLOTHES = ("teal", "blue", "rose", "green", "purple", "gold", "navy")
# Skins, each with colours of hair that stand out from it.
_PEOPLE: tuple[tuple[Colour, tuple[str, ...]], ...] = (
    ((244, 204, 172), ("ink", "brown", "wood", "gold", "amber")),
    ((236, 188, 152), ("ink", "brown", "wood", "gold", "amber")),
    ((210, 154, 112), ("ink", "brown")),
    ((170, 114, 80), ("ink",)),
    ((124, 82, 58), ("ink",)),
)

Staging = Literal["scene", "close", "aside"]
_LANES = {"scene": (0.33, 0.5, 0.67), "close": (0.5,), "aside": (0.16, 0.84)}
_SIZES = {"scene": 1.0, "close": 1.5, "aside": 0.8}

# A thing; its middle, its feet and its size in pixels; whether it is mirrored.
Spot = tuple["Thing", tuple[float, float, float], bool]


def compose(stage: Stage, scene: Scene, place: str) -> None:
    """Paint the place, the things in it from back to front, and the weather before them."""
    PLACES[place](stage, scene.weather)
    paint_things(stage, scene, place)
    paint_weather(stage, scene.weather)


def place_for(scene: Scene, seed_choice: str) -> str:
    """Choose the place: the one named, else the home of the first thing, else any."""
    if scene.place:
        return scene.place
    if scene.things:
        return subjects()[scene.things[0].name].home
    return "studio" if scene.label else seed_choice


def paint_things(stage: Stage, scene: Scene, place: str, staging: Staging = "scene") -> None:
    """Draw every thing at its spot, the nearest last."""
    for thing, box, flip in sorted(_spots(stage, scene, place, staging), key=_nearness):
        _paint_thing(stage, scene, thing, box, flip=flip)


def _nearness(spot: Spot) -> tuple[bool, float]:
    thing, (_, base, _), _ = spot
    return subjects()[thing.name].where != "sky", base


def _spots(stage: Stage, scene: Scene, place: str, staging: Staging) -> Iterator[Spot]:
    """Give each thing a lane of its own from left to right, a height and a size."""
    everyone = [thing for thing in scene.things for _ in range(thing.count)]
    luck = stage.chance("spots")
    crowd = max(1.0, len(everyone) ** 0.55)
    order = luck.permutation(len(everyone))
    for i, thing in enumerate(everyone):
        subject = subjects()[thing.name]
        lane = (order[i] + 0.5 + luck.uniform(-0.14, 0.14)) / len(everyone)
        if len(everyone) == 1 and subject.where != "front":
            lane = float(luck.choice(_LANES[staging])) + luck.uniform(-0.03, 0.03)
        vary = luck.uniform(0.9, 1.02 if subject.where == "front" else 1.14)
        size = stage.short * subject.size * vary * _SIZES[staging] / crowd
        x = stage.width * (0.08 + 0.84 * lane)
        base = _base(stage, subject, place, size, luck.uniform())
        yield thing, (x, base, size), bool(luck.integers(2))


def _base(stage: Stage, subject: Subject, place: str, size: float, chance: float) -> float:
    """Find the height of a thing's feet."""
    high = stage.height
    if subject.where == "front":
        return high * 0.985
    if place in {"space", "underwater"} or subject.where == "sky":
        return high * (0.26 + 0.22 * chance) + size / 2
    if subject.where == "water" and place in {"sea", "beach", "river"}:
        return high * (0.68 if place == "beach" else 0.76 + 0.08 * chance)
    return high * (0.88 + 0.04 * chance)


def _paint_thing(
    stage: Stage, scene: Scene, thing: Thing, box: tuple[float, float, float], *, flip: bool
) -> None:
    x, base, size = box
    subject = subjects()[thing.name]
    if subject.where in {"ground", "perch"}:
        _cast_shadow(stage.brush(x - size / 2, base - size, size))
    silhouette = Image.new("L", stage.image.size)
    brush = stage.brush(x - size / 2, base - size, size)
    # Things stay readable in the dark: they get more light than the scenery.
    light = mix(stage.light.ambient, (255, 240, 224), 0.5)
    brush = replace(brush, light=light, mirrored=flip, silhouette=ImageDraw.Draw(silhouette))
    parts = frozenset(name for name, _ in scene.parts)
    paint_subject(brush, thing.name, _colours(stage, scene, thing), parts)
    _shade(stage, silhouette)


def _cast_shadow(brush: Brush) -> None:
    for grow in (1.0, 0.8, 0.6):
        brush.oval((50, 98.5, 44 * grow, 4.5 * grow), Paint((30, 26, 56), 0.12))


def _shade(stage: Stage, silhouette: Image.Image) -> None:
    """Give a flat drawing some body: lighter at its upper left, darker at its lower right."""
    box = silhouette.getbbox()
    if box is None:
        return
    wide, high = box[2] - box[0], box[3] - box[1]
    slope = Image.linear_gradient("L").rotate(35, Image.Resampling.BILINEAR, fillcolor=128)
    gradient = slope.crop((48, 48, 208, 208)).resize((wide, high))
    veil = gradient.point([255 - max(0, level - 90) // 3 for level in range(256)])
    piece = stage.image.crop(box)
    shaded = ImageChops.multiply(piece, Image.merge("RGB", (veil, veil, veil)))
    stage.image.paste(shaded, box, silhouette.crop(box))


def _colours(stage: Stage, scene: Scene, thing: Thing) -> dict[str, Colour]:
    """Choose the colours of one thing: those named, else some of the seed's choice."""
    luck = stage.chance(f"colours {thing.name}")
    skin, hairs = _PEOPLE[int(luck.integers(len(_PEOPLE)))]
    colours = {
        "skin": skin,
        "hair": NAMED[str(luck.choice(hairs))],
        "clothes": NAMED[str(luck.choice(_CLOTHES))],
    }
    if thing.name == "person":
        colours["coat"] = skin
    elif thing.colour:
        colours["coat"] = thing.colour
    colours.update((name, colour) for name, colour in scene.parts if colour)
    return colours
