"""Commands as text, as records and as tokens."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import grammar
from core.command import Command
from core.commands import COMMANDS
from core.commands.imagine import Imagine
from core.commands.vary import Vary
from core.errors import BadCommand, Missing, NotFound
from tests.strategies import commands


@given(commands())
def test_a_command_reads_back_from_its_line(command: Command) -> None:
    assert grammar.parse(grammar.write(command), COMMANDS) == command


@given(commands())
def test_a_command_reads_back_from_its_record(command: Command) -> None:
    assert grammar.revive(command.record(), COMMANDS) == command


def test_flags_inside_the_words_become_options() -> None:
    command = grammar.parse("/imagine a red fox --ar 3:2 --seed 7 -n 4 --no people, text", COMMANDS)
    expected = Imagine(
        prompt="a red fox", aspect_ratio="3:2", seed=7, count=4, negative_prompt="people, text"
    )
    assert command == expected


def test_flags_inside_a_prompt_option_are_taken_out_of_it() -> None:
    command = grammar.absorb(Imagine(prompt="a fox --seed 7", count=2))
    assert command == Imagine(prompt="a fox", seed=7, count=2)


def test_the_same_option_said_twice_with_two_values_is_refused() -> None:
    with pytest.raises(BadCommand) as refused:
        grammar.absorb(Imagine(prompt="a fox --seed 7", seed=8))
    assert refused.value.key == "error.twice"


@pytest.mark.parametrize("dash", ["—", "–", "――", "−−"])
def test_typographic_dashes_are_repaired(dash: str) -> None:
    command = grammar.parse(f"/imagine a fox {dash}ar 3:2", COMMANDS)
    assert command == Imagine(prompt="a fox", aspect_ratio="3:2")


def test_a_dash_between_words_stays_a_dash() -> None:
    command = grammar.parse("/imagine a fox — in the snow", COMMANDS)
    assert command == Imagine(prompt="a fox — in the snow")


def test_an_unknown_flag_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadCommand) as refused:
        grammar.parse("/imagine a fox --sed 7", COMMANDS)
    assert refused.value.values["nearest"] == "--seed"


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        grammar.parse("/imagin a fox", COMMANDS)
    assert refused.value.values["nearest"] == "imagine"


def test_a_command_for_this_bot_may_carry_its_name() -> None:
    assert grammar.parse("/imagine@nano_banana_bot a fox", COMMANDS) == Imagine(prompt="a fox")


def test_a_missing_prompt_is_asked_for() -> None:
    with pytest.raises(Missing) as missing:
        grammar.parse("/imagine", COMMANDS)
    assert (missing.value.command, missing.value.option) == ("imagine", "prompt")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("/imagine a fox -n 11", "error.range"),
        ("/imagine a fox -n many", "error.number"),
        ("/imagine a fox --seed -1", "error.range"),
        ("/imagine a fox --seed", "error.flag_value"),
    ],
)
def test_a_value_out_of_bounds_is_refused(line: str, key: str) -> None:
    with pytest.raises(BadCommand) as refused:
        grammar.parse(line, COMMANDS)
    assert refused.value.key == key


def test_a_button_token_fits_every_platform() -> None:
    token = grammar.token(Vary(job="abcdefghjk", picture=10, count=10))
    assert len(token.encode()) <= 64
    assert grammar.press(token, COMMANDS) == Vary(job="abcdefghjk", picture=10, count=10)


@given(st.text(max_size=200))
def test_no_text_and_no_token_raises_anything_but_a_user_error(words: str) -> None:
    for read in (grammar.parse, grammar.press):
        with suppress(BadCommand, NotFound):
            read(words, COMMANDS)
