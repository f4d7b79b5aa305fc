"""Colours of the sketch renderer: names, mixing, and lighter or darker tones."""

Colour = tuple[int, int, int]

NAMED: dict[str, Colour] = {
    "red": (212, 60, 51),
    "orange": (232, 124, 50),
    "amber": (201, 107, 46),
    "yellow": (246, 201, 69),
    "gold": (222, 172, 74),
    "green": (86, 153, 92),
    "teal": (49, 150, 152),
    "blue": (58, 112, 190),
    "navy": (35, 53, 98),
    "purple": (124, 84, 168),
    "pink": (232, 130, 160),
    "brown": (122, 80, 54),
    "black": (40, 40, 48),
    "grey": (140, 146, 156),
    "white": (246, 243, 236),
    "cream": (250, 232, 208),
    "skin": (236, 188, 152),
    "ink": (34, 32, 42),
    "sand": (230, 204, 158),
    "stone": (168, 164, 160),
    "wood": (150, 102, 66),
    "rose": (222, 120, 118),
}


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend two colours; `share` 0 is all first, 1 is all second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def tone(colour: Colour, steps: int) -> Colour:
    """Make a colour lighter (steps above 0) or darker (below 0)."""
    if steps >= 0:
        return mix(colour, (255, 250, 240), min(1.0, 0.13 * steps))
    return mix(colour, (24, 16, 44), min(1.0, -0.13 * steps))


def toned(colour: Colour, wanted: float) -> Colour:
    """Make a colour as bright as wanted (0 to 1), with white or black."""
    now = brightness(colour)
    if wanted < now:
        return mix((0, 0, 0), colour, wanted / now)
    return mix(colour, (255, 255, 255), (wanted - now) / max(0.01, 1 - now))


def lit(colour: Colour, light: Colour) -> Colour:
    """See a colour under a light: the product of both."""
    red, green, blue = (a * b // 255 for a, b in zip(colour, light, strict=True))
    return red, green, blue


def brightness(colour: Colour) -> float:
    """Measure how bright a colour looks, 0 to 1."""
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
