"""Draw a given picture anew by rules: flatter, in other colours and in another light."""

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from core.sketch.caption import sign
from core.sketch.colour import NAMED, Colour, lit, tone
from core.sketch.composition import paint_things, place_for
from core.sketch.light import light_of
from core.sketch.scene import Scene, understand
from core.sketch.sky import paint_weather, scatter_stars
from core.sketch.stage import Stage, chance
from core.sketch.style import restyle

_WORDS_OUTWEIGH = 0.85
_CALM = 15  # how strong an edge may be where stars shine
_NIGHT = (176, 184, 214)
_HUES = ("rose", "gold", "teal", "blue", "purple", "orange", "green")


def redraw(
    image: Image.Image,
    prompt: str,
    *,
    seed: int,
    strength: float = 0.6,
    negative_prompt: str = "",
    palette: Sequence[Colour] | None = None,
) -> Image.Image:
    """Draw a picture anew from another one, in the prompt's light, weather, colours and style.

    Its things stay where they are. New things are added when the prompt says so ("add a cat")
    or when `strength` (0 to 1) is close to 1.
    """
    scene = understand(prompt, negative_prompt)
    source = image.convert("RGB")
    changed = _relit(_recoloured(_flattened(source), _tints(scene, palette, seed)), scene)
    changed = Image.blend(source, changed, 0.25 + 0.75 * min(1.0, max(0.0, strength)))
    _add(changed, scene, seed, things=scene.edit == "add" or strength >= _WORDS_OUTWEIGH)
    result = restyle(changed, scene.style, seed)
    sign(result)
    return result


def enlarge(image: Image.Image, factor: float) -> Image.Image:
    """Scale a picture up with a sharp filter; nothing is invented."""
    size = (round(image.width * factor), round(image.height * factor))
    large = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    sharp = large.filter(ImageFilter.UnsharpMask(radius=factor, percent=60, threshold=2))
    sign(sharp)
    return sharp


def _flattened(image: Image.Image) -> Image.Image:
    """Take small detail away and keep few colours, as if cut from paper."""
    calm = image.filter(ImageFilter.GaussianBlur(min(image.size) / 500))
    few = calm.quantize(20, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return Image.blend(calm, few.convert("RGB"), 0.7)


def _tints(
    scene: Scene, palette: Sequence[Colour] | None, seed: int
) -> tuple[tuple[Colour, ...], float]:
    """Choose colours to lean to and how far: those named count most, the seed's own least."""
    bound = [thing.colour for thing in scene.things] + [colour for _, colour in scene.parts]
    named = (*scene.colours, *(colour for colour in bound if colour))
    if named:
        return named, 0.55
    if palette:
        return tuple(palette), 0.4
    return (NAMED[str(chance(seed, "hue").choice(_HUES))],), 0.14


def _recoloured(image: Image.Image, tints: tuple[tuple[Colour, ...], float]) -> Image.Image:
    colours, share = tints
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    dark, light = tone(colours[0], -5), tone(colours[-1], 5)
    mapped = ImageOps.colorize(grey, dark, light, mid=colours[0])
    return Image.blend(image, mapped, share)


def _relit(image: Image.Image, scene: Scene) -> Image.Image:
    """Put the whole picture under the light the prompt names; the sky's colour comes from above."""
    if not (scene.time or scene.weather or scene.mood):
        return image
    light = light_of(scene.time, scene.weather, scene.mood)
    if scene.time == "day":
        image = ImageOps.autocontrast(image, cutoff=1).point(
            [min(255, 30 + v) for v in range(256)] * 3
        )
    shade = lit(light.ambient, _NIGHT) if light.stars else light.ambient
    shaded = ImageChops.multiply(image, Image.new("RGB", image.size, shade))
    glow = Image.linear_gradient("L").point([round(max(0, 150 - v) * 0.6) for v in range(256)])
    shaded.paste(light.middle, (0, 0), glow.resize(image.size))
    return shaded


def _add(image: Image.Image, scene: Scene, seed: int, *, things: bool) -> None:
    """Add stars, weather and, if wanted, the things of the prompt onto the picture."""
    light = light_of(scene.time, scene.weather, scene.mood)
    stage = Stage(image, ImageDraw.Draw(image, "RGBA"), light, seed)
    if light.stars:
        _add_stars(stage)
    if things:
        paint_things(stage, scene, place_for(scene, "meadow"), "aside")
    paint_weather(stage, scene.weather)


def _add_stars(stage: Stage) -> None:
    """Let stars shine where the upper picture is calm, so that they do not cross its things."""
    before = stage.image.copy()
    scatter_stars(stage, 120, 0.6)
    small = before.convert("L").resize((64, 64), Image.Resampling.BOX)
    busy = small.filter(ImageFilter.FIND_EDGES).filter(ImageFilter.MaxFilter(3))
    mask = busy.point([0] * _CALM + [255] * (256 - _CALM))
    stage.image.paste(before, (0, 0), mask.resize(before.size))
