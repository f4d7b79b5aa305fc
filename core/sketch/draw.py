"""Draw a picture from words: same words, seed and size, same picture."""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image, ImageDraw

from core.sketch.caption import sign
from core.sketch.colour import Colour
from core.sketch.composition import PLACES, compose, place_for
from core.sketch.emblem import paint_emblem
from core.sketch.light import light_of
from core.sketch.scene import Scene, understand
from core.sketch.stage import Stage, chance
from core.sketch.style import restyle

# Shapes have hard edges: they are drawn larger and scaled down, as far as time allows.
_ZOOMS = ((512 * 512, 4), (2048 * 2048, 2))
_HEAVENLY = frozenset({"sun", "moon"})  # drawn as things, they are not drawn twice
_SHELTERED = frozenset({"studio", "room", "underwater", "space"})


def draw(
    prompt: str,
    *,
    seed: int,
    width: int,
    height: int,
    negative_prompt: str = "",
    palette: Sequence[Colour] | None = None,
) -> Image.Image:
    """Draw what the prompt says, with the preview line; `palette` tints the scenery."""
    scene = understand(prompt, negative_prompt)
    image = paint(scene, seed=seed, size=(width, height), palette=palette)
    sign(image)
    return image


def paint(
    scene: Scene, *, seed: int, size: tuple[int, int], palette: Sequence[Colour] | None = None
) -> Image.Image:
    """Paint a scene without the preview line."""
    zoom = next((zoom for most, zoom in _ZOOMS if size[0] * size[1] <= most), 1)
    place = place_for(scene, _some_place(seed))
    time = scene.time or _some_time(scene, place, seed)
    light = light_of(time, scene.weather, scene.mood)
    names = {thing.name for thing in scene.things}
    image = Image.new("RGB", (size[0] * zoom, size[1] * zoom))
    stage = Stage(
        image=image,
        canvas=ImageDraw.Draw(image, "RGBA"),
        light=replace(light, disc=None) if _HEAVENLY & names else light,
        seed=seed,
        tints=scene.colours or tuple(palette or ()),
    )
    compose(stage, scene, place)
    if scene.label:
        paint_emblem(stage, scene.label)
    image = stage.image.reduce(zoom) if zoom > 1 else stage.image
    return restyle(image, scene.style, seed)


def _some_place(seed: int) -> str:
    outdoors = [name for name in PLACES if name not in _SHELTERED]
    return str(chance(seed, "place").choice(outdoors))


def _some_time(scene: Scene, place: str, seed: int) -> str:
    """Choose a time of day when the prompt names none: mostly day, outdoors also a low sun."""
    if place in _SHELTERED or scene.weather:
        return "day"
    if any(thing.name == "moon" for thing in scene.things):
        return "night"
    if any(thing.name == "sun" for thing in scene.things):
        return "day"
    return str(chance(seed, "time").choice(["day", "day", "day", "dawn", "sunset"]))
