"""Words in every language."""

import string

import pytest

from bot.strings import locales, money, phrases, text
from core.commands import COMMANDS


@pytest.mark.parametrize("locale", locales())
def test_every_language_has_every_key_with_the_same_fields(locale: str) -> None:
    english, other = phrases("en"), phrases(locale)
    assert set(other) == set(english)
    for key, phrase in english.items():
        assert fields(other[key]) == fields(phrase), key


def fields(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def test_every_command_and_option_has_its_words() -> None:
    for command in COMMANDS:
        assert text(f"command.{command.name}", "en")
        for field in command.fields():
            assert text(f"option.{field.name}", "en")


def test_a_regional_locale_is_served_by_its_language_and_an_unknown_one_by_english() -> None:
    assert text("button.stop", "de-AT") == "✖️ Abbrechen"
    assert text("button.stop", "xx") == "✖️ Cancel"


def test_money_is_written_as_people_write_it() -> None:
    assert [money(1_230_000, "en"), money(39_000, "de"), money(3_000, "en"), money(0, "en")] == [
        "$1.23",
        "0,04 $",
        "$0.0030",
        "$0.00",
    ]
