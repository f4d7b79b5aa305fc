"""What a prompt describes, as far as rules can tell: things, place, weather, time and style."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.sketch.colour import NAMED, Colour
from core.sketch.lexicon import Kind, Word, read

_COLOUR_REACH = 3
_LABEL_WORDS = 3
_LABEL_SIGNS = 8
_SPACELESS = "\u2e7f"  # East Asian scripts come after this sign
_NOUNS: tuple[Kind, ...] = ("subject", "part", "place")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to draw: which shape, how many, and its colour if one is named."""

    name: str
    count: int = 1
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the rules understood."""

    things: tuple[Thing, ...] = ()
    parts: tuple[tuple[str, Colour | None], ...] = ()
    place: str | None = None
    weather: str | None = None
    time: str | None = None
    style: str | None = None
    mood: str | None = None
    edit: str | None = None
    colours: tuple[Colour, ...] = ()
    label: str = ""


def understand(prompt: str, negative_prompt: str = "") -> Scene:
    """Read a prompt; whatever the negative prompt names is left out."""
    unwanted = {meaning for word in read(negative_prompt) for meaning in word.meanings}
    words = [_without(word, unwanted) for word in read(prompt)]
    bound, loose = _bind_colours(words)
    return Scene(
        things=_merge(_things(words, bound)),
        parts=tuple(
            (name, bound.get(i)) for i, word in enumerate(words) if (name := word.means("part"))
        ),
        place=_first(words, "place"),
        weather=_first(words, "weather"),
        time=_first(words, "time"),
        style=_first(words, "style"),
        mood=_first(words, "mood"),
        edit=_first(words, "edit"),
        colours=loose,
        label=_label(words),
    )


def _without(word: Word, unwanted: set[tuple[Kind, str]]) -> Word:
    if unwanted.isdisjoint(word.meanings):
        return word
    kept = tuple(meaning for meaning in word.meanings if meaning not in unwanted)
    return Word(word.text, kept or (("filler", "filler"),), word.plural)


def _first(words: Sequence[Word], kind: Kind) -> str | None:
    return next((name for word in words if (name := word.means(kind))), None)


def _bind_colours(words: Sequence[Word]) -> tuple[dict[int, Colour], tuple[Colour, ...]]:
    """Give each named colour to the noun after it, else to the noun just before it."""
    bound: dict[int, Colour] = {}
    loose: list[Colour] = []
    for i, word in enumerate(words):
        if name := word.means("colour"):
            noun = _noun_near(words, i)
            if noun is None or (words[noun].means("place") and not words[noun].means("subject")):
                loose.append(NAMED[name])
            else:
                bound.setdefault(noun, NAMED[name])
    return bound, tuple(loose)


def _noun_near(words: Sequence[Word], colour: int) -> int | None:
    for i in range(colour + 1, min(len(words), colour + 1 + _COLOUR_REACH)):
        if words[i].means("link") or words[i].means("pause"):
            break
        if any(words[i].means(kind) for kind in _NOUNS):
            return i
    before = colour - 1
    if before >= 0 and any(words[before].means(kind) for kind in _NOUNS):
        return before
    return None


def _things(words: Sequence[Word], bound: dict[int, Colour]) -> Iterator[Thing]:
    count = None
    for i, word in enumerate(words):
        if number := word.means("count"):
            count = int(number)
        elif name := word.means("subject"):
            yield Thing(name, count or (3 if word.plural else 1), bound.get(i))
            count = None
        elif word.means("link") or word.means("pause"):
            count = None


def _merge(things: Iterator[Thing]) -> tuple[Thing, ...]:
    """Keep the first of things with one name: "portrait of a woman" is one person."""
    found: dict[str, Thing] = {}
    for thing in things:
        known = found.setdefault(thing.name, thing)
        if known.colour is None and thing.colour is not None:
            found[thing.name] = Thing(thing.name, max(known.count, thing.count), thing.colour)
    return tuple(found.values())


def _label(words: Sequence[Word]) -> str:
    """Name what the prompt is about when no known thing is: its first unknown words."""
    if any(word.means("subject") for word in words):
        return ""
    head: list[Word] = []
    for word in words:
        if head and (word.means("link") or word.means("pause")):
            break
        if any(word.means(kind) for kind in ("unknown", *_NOUNS)):
            head.append(word)
    if not head or not head[-1].means("unknown"):
        return ""
    unknown = [word.text for word in head if word.means("unknown")]
    if all(word[0] > _SPACELESS for word in unknown):
        return "".join(unknown)[-_LABEL_SIGNS:]
    return " ".join(unknown[-_LABEL_WORDS:])
