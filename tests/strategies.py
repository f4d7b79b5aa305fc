"""Hypothesis strategies for the studio's own values."""

from typing import Any

from hypothesis import strategies as st

from core.command import Command, Field
from core.commands import COMMANDS

WORD = st.text(st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=12)
WORDS = st.lists(WORD, min_size=1, max_size=5).map(" ".join)


def commands() -> st.SearchStrategy[Command]:
    """Any command that a person can say, with any options."""
    said = [one for one in COMMANDS if not any(field.option.hidden for field in one.fields())]
    return st.sampled_from(said).flatmap(_of)


def _of(command: type[Command]) -> st.SearchStrategy[Command]:
    values: dict[str, st.SearchStrategy[Any]] = {
        field.name: _value(field) for field in command.fields()
    }
    return st.fixed_dictionaries(values).map(lambda chosen: command(**chosen))


def _value(field: Field) -> st.SearchStrategy[Any]:
    option = field.option
    if field.type is bool:
        return st.booleans()
    if field.type is int:
        numbers = st.integers(option.low or 0, option.high or 2**31 - 1)
        return numbers if field.default is not None or field.required else st.none() | numbers
    if option.choices:
        return st.sampled_from(option.choices)
    if option.suggest or option.hidden:
        return WORD if field.required else WORD | st.just(field.default)
    return WORDS if field.required else WORDS | st.just(field.default)
