"""The words the renderer understands, looked up phrase by phrase."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

Kind = Literal[
    "subject", "place", "weather", "time", "style", "colour", "part", "count", "mood", "edit",
    "link", "filler", "pause", "unknown",
]  # fmt: skip

_LONGEST_PHRASE = 3
# Han and hiragana are written without spaces: every sign is looked up by itself.
_TOKEN = re.compile(
    r"[\u30a0-\u30ff]+|[\u3040-\u309f\u3400-\u9fff]|[^\W_]+(?:['-][^\W_]+)*|[,.;:!?\n]"
)
_PLURAL_ENDINGS = ("ies", "es", "s", "en", "n", "e")


@dataclass(frozen=True, slots=True)
class Word:
    """One understood word or phrase of a prompt."""

    text: str
    meanings: tuple[tuple[Kind, str], ...]
    plural: bool = False

    def means(self, kind: Kind) -> str | None:
        """Name what the word means as this kind of word, if it does."""
        return next((name for of, name in self.meanings if of == kind), None)


def read(prompt: str) -> list[Word]:
    """Split a prompt into the longest phrases that are known, and single unknown words."""
    return list(_words(_TOKEN.findall(prompt.casefold())))


def _words(tokens: list[str]) -> Iterator[Word]:
    known = _meanings()
    start = 0
    while start < len(tokens):
        for length in range(_LONGEST_PHRASE, 0, -1):
            phrase = tuple(tokens[start : start + length])
            if phrase in known:
                yield Word(" ".join(phrase), known[phrase], _is_plural(phrase, known))
                start += len(phrase)
                break
        else:
            kind: Kind = "unknown" if tokens[start][0].isalnum() else "pause"
            yield Word(tokens[start], ((kind, tokens[start]),))
            start += 1


def _is_plural(
    phrase: tuple[str, ...], known: dict[tuple[str, ...], tuple[tuple[Kind, str], ...]]
) -> bool:
    last = phrase[-1]
    singulars = (last.removesuffix(ending) for ending in _PLURAL_ENDINGS if last.endswith(ending))
    return any(known.get((*phrase[:-1], one)) == known[phrase] for one in singulars)


@cache
def _meanings() -> dict[tuple[str, ...], tuple[tuple[Kind, str], ...]]:
    text = files("core.sketch").joinpath("words.toml").read_text(encoding="utf-8")
    tables = cast("dict[Kind, dict[str, str]]", tomllib.loads(text))
    found: dict[tuple[str, ...], tuple[tuple[Kind, str], ...]] = {}
    for kind, names in tables.items():
        for name, phrases in names.items():
            for phrase in phrases.split(", "):
                tokens = tuple(_TOKEN.findall(phrase.casefold()))
                found[tokens] = (*found.get(tokens, ()), (kind, name))
    return found
