"""Words in every language."""

import re
import string
from pathlib import Path

import pytest

from bot.strings import locales, money, phrases, text
from core import errors
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
    assert [money(1_230_000, "en"), money(25_000, "de"), money(3_000, "en"), money(0, "en")] == [
        "$1.23",
        "0,025 $",
        "$0.003",
        "$0.00",
    ]


def test_every_key_that_the_code_raises_has_its_words() -> None:
    # A failed delivery has nobody to tell: its key is for the log, and for operators.
    of_delivery = {"DeliveryFailed", "ChatClosed"}
    classes = {name for name in dir(errors) if name[0].isupper()} - of_delivery
    raised = re.compile(rf"\b(?:{'|'.join(classes)})\(\s*\"([a-z_.]+)\"")
    found = {
        key
        for folder in ("bot", "core", "storage")
        for file in Path(folder).rglob("*.py")
        for key in raised.findall(file.read_text())
    }
    assert len(found) > 40
    said = phrases("en")
    assert {errors.ChatClosed(name).key for name in ("telegram", "discord")} <= set(said)
    assert {
        key for key in found if not {f"error.{key}", f"error.picture_{key}"} & set(said)
    } == set()


def test_every_option_that_must_be_there_can_be_asked_for() -> None:
    asked = {
        f"ask.{command.name}.{field.name}"
        for command in COMMANDS
        for field in command.fields()
        if field.required
    }
    assert asked <= set(phrases("en"))
