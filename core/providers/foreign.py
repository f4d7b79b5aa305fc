"""Reading what others wrote without trusting its shape."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

PARTS = (b"[", b"{", b",")
MOST_PARTS = 250_000
"""Each takes many times its bytes in memory, and time in which not even another thread runs."""
MOST = 2**63
UNKEPT = re.compile("[\0\ud800-\udfff]")
"""Zero bytes, and halves of characters: what is left where somebody cut an emoji in two."""
PERCENT = re.compile(r"(\d{1,3})%\|")
"""A progress bar in a model's log: ` 25%|##5       | 7/28`."""


def parsed(body: bytes) -> Any:
    """Read JSON; None for what is none, or would take too long to read."""
    if sum(map(body.count, PARTS)) > MOST_PARTS:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def fields(value: Any) -> Mapping[str, Any]:
    """Take a JSON object; anything else has no fields."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def message(body: bytes) -> Mapping[str, Any]:
    """Read the fields of a JSON object; what is none has no fields."""
    return fields(parsed(body))


def entries(value: Any) -> list[Any]:
    """Take a JSON list; anything else has no entries."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def text(value: Any) -> str:
    """Take a JSON string, without what no database keeps; anything else says nothing."""
    return UNKEPT.sub("", value) if isinstance(value, str) else ""


def number(value: Any) -> int | None:
    """Take a whole number from 0 on that a database can keep; anything else is none."""
    plain = isinstance(value, int) and not isinstance(value, bool)
    return value if plain and 0 <= value < MOST else None


def percent(log: str) -> int | None:
    """Find the last progress bar of a log."""
    found = PERCENT.findall(log)
    return min(int(found[-1]), 100) if found else None
