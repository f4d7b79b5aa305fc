"""Recognising what the web chat says."""

import re
from collections.abc import Mapping
from typing import Any

from bot.strings import phrases


def check_line(key: str, line: Mapping[str, Any]) -> None:
    """Check that a line of the chat is this phrase, or shows pictures."""
    if key == "pictures":
        assert line["shots"], line["text"]
        return
    words = re.sub(r"\\\{.*?\\\}", ".*", re.escape(phrases("en")[key]))
    assert re.match(words, line["text"], re.DOTALL), line["text"]
