"""Words by key and language, read from `locales/*.toml`; English where a language has none."""

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from typing_extensions import override

from core.errors import Value, Values
from core.replies import Text

FALLBACK = "en"
GAP = "…"
DOLLAR = 1_000_000
CENT = 10_000


@cache
def locales() -> tuple[str, ...]:
    """List the languages that have a file."""
    folder = files("bot").joinpath("locales")
    return tuple(sorted(one.name.removesuffix(".toml") for one in folder.iterdir()))


@cache
def phrases(locale: str) -> Mapping[str, str]:
    """Read one language as key -> phrase, the keys written with dots."""
    read = files("bot").joinpath("locales", f"{locale}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(read), ""))


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, str):
            pairs.append((prefix + name, value))
        else:
            pairs.extend(_flat(value, f"{prefix}{name}."))
    return pairs


def language(locale: str) -> str:
    """Choose the language that serves a locale such as `de-AT`."""
    primary = locale.replace("_", "-").partition("-")[0].lower()
    return primary if primary in locales() else FALLBACK


def text(key: str, locale: str, values: Values | None = None) -> str:
    """Say `key` in the language of `locale`.

    A phrase with `.one` beside it is chosen by the value `count`. A value that begins with @ is
    itself a key. `{cost:usd}` writes micro-dollars as money.
    """
    values = values or {}
    chosen = language(locale)
    if values.get("count") == 1 and f"{key}.one" in phrases(chosen):
        key = f"{key}.one"
    elif f"{key}.other" in phrases(chosen):
        key = f"{key}.other"
    phrase = phrases(chosen).get(key) or phrases(FALLBACK)[key]
    said = {name: _said(value, locale) for name, value in values.items()}
    return _Phrase(chosen).vformat(phrase, (), said)


def _said(value: Value, locale: str) -> Value:
    if isinstance(value, str) and value.startswith("@") and value[1:] in phrases(FALLBACK):
        return text(value[1:], locale)
    return value


def whole(said: Text, locale: str) -> str:
    """Say a text with its lines, one below the other."""
    lines = (whole(line, locale) for line in said.lines)
    return "\n".join([text(said.key, locale, said.values), *lines])


class _Phrase(string.Formatter):
    def __init__(self, chosen: str) -> None:
        self._language = chosen

    @override
    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        """A message with a gap in it is better than none."""
        return kwargs.get(key, GAP)

    @override
    def format_field(self, value: Any, format_spec: str) -> str:
        return money(value, self._language) if format_spec == "usd" and value != GAP else str(value)


def money(micro_dollars: int, locale: str) -> str:
    """Write micro-dollars as dollars: `$0.04`, and `0,04 $` where a comma is the custom."""
    amount = f"{micro_dollars / DOLLAR:.2f}"
    if micro_dollars % CENT:
        amount = f"{micro_dollars / DOLLAR:.4f}".rstrip("0")
    return f"{amount.replace('.', ',')} $" if language(locale) == "de" else f"${amount}"
