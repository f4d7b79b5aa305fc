"""Permutations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadCommand
from core.prompts import MOST, expand
from tests.strategies import WORD


def test_braces_make_one_prompt_of_each() -> None:
    assert expand("a {red, blue} fox") == ("a red fox", "a blue fox")


def test_two_braces_make_every_pair_the_last_one_fastest() -> None:
    expected = ("red fox", "red cat", "blue fox", "blue cat")
    assert expand("{red,blue} {fox,cat}") == expected


def test_more_prompts_than_the_most_are_refused() -> None:
    with pytest.raises(BadCommand):
        expand("{a,b,c,d,e,f,g} " * 2)


@given(st.lists(st.lists(WORD, min_size=1, max_size=3), max_size=3))
def test_no_brace_is_left_and_the_number_is_the_product(choices: list[list[str]]) -> None:
    total = 1
    for choice in choices:
        total *= len(choice)
    prompts = expand(" and ".join("{" + ",".join(choice) + "}" for choice in choices))
    assert len(prompts) == total <= MOST
    assert not any("{" in prompt or "}" in prompt for prompt in prompts)
