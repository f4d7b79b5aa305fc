"""The light of a scene: sky colours, the tint on everything, sun, moon and stars."""

from dataclasses import dataclass, replace

from core.sketch.colour import Colour, lit, mix


@dataclass(frozen=True, slots=True)
class Light:
    """How a time of day and a weather colour the scene."""

    top: Colour
    middle: Colour
    low: Colour
    ambient: Colour
    disc: Colour | None
    stars: bool = False

    @property
    def haze(self) -> Colour:
        """What far things fade into, before the light falls on them."""
        return self.low


_TIMES = {
    "dawn": Light(
        top=(118, 150, 198), middle=(240, 192, 180), low=(253, 226, 190),
        ambient=(255, 232, 222), disc=(255, 240, 214),
    ),
    "day": Light(
        top=(88, 162, 214), middle=(160, 208, 232), low=(232, 242, 232),
        ambient=(255, 255, 255), disc=(255, 244, 206),
    ),
    "sunset": Light(
        top=(70, 62, 128), middle=(216, 102, 120), low=(252, 188, 108),
        ambient=(255, 204, 180), disc=(255, 226, 150),
    ),
    "night": Light(
        top=(14, 20, 52), middle=(30, 42, 92), low=(62, 78, 134),
        ambient=(112, 124, 184), disc=(240, 238, 220), stars=True,
    ),
}  # fmt: skip
_OVERCAST: dict[str, tuple[Colour, float]] = {
    "rain": ((118, 132, 150), 0.62),
    "storm": ((66, 70, 92), 0.75),
    "fog": ((206, 210, 212), 0.62),
    "snowfall": ((196, 206, 218), 0.55),
    "clouds": ((184, 196, 208), 0.3),
}
_MOODS: dict[str, tuple[Colour, float]] = {
    "dark": ((30, 26, 48), 0.45),
    "calm": ((250, 238, 228), 0.28),
}


def light_of(time: str | None, weather: str | None, mood: str | None = None) -> Light:
    """Find the light for a time of day under a weather."""
    light = _TIMES[time or "day"]
    if weather in _OVERCAST:
        grey, share = _OVERCAST[weather]
        light = _veiled(light, lit(grey, light.ambient), share)
        light = replace(light, disc=light.disc if weather == "clouds" else None, stars=False)
    if mood in _MOODS:
        light = _veiled(light, *_MOODS[mood])
    return light


def _veiled(light: Light, veil: Colour, share: float) -> Light:
    return replace(
        light,
        top=mix(light.top, veil, share),
        middle=mix(light.middle, veil, share),
        low=mix(light.low, veil, share),
        ambient=mix(light.ambient, lit(light.ambient, veil), share * 0.4),
    )
