"""Every word that the lexicon knows changes the picture."""

import tomllib
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from core.sketch.draw import draw

WORDS = tomllib.loads(files("core.sketch").joinpath("words.toml").read_text(encoding="utf-8"))

NIGHTLY = ("dawn", "sunset", "night")


def first_words(kind: str) -> list[str]:
    return [words.split(",")[0] for words in WORDS[kind].values()]


def sketched(prompt: str) -> Image.Image:
    return draw(prompt, seed=7, width=192, height=192)


@pytest.mark.parametrize("word", first_words("place"))
def test_every_place_is_another_backdrop_for_the_same_fox(word: str) -> None:
    elsewhere = "the desert" if word != "desert" else "the forest"
    assert sketched(f"a fox, {word}").tobytes() != sketched(f"a fox, {elsewhere}").tobytes()


@pytest.mark.parametrize("word", ["rain", "snowfall", "fog", "storm", "cloud", *NIGHTLY])
def test_every_weather_and_time_is_another_light_than_a_clear_day(word: str) -> None:
    clear = sketched("a house in a meadow at noon, clear sky")
    assert sketched(f"a house in a meadow, {word}").tobytes() != clear.tobytes()


@pytest.mark.parametrize("word", first_words("subject"))
def test_every_subject_is_seen_against_its_backdrop(word: str) -> None:
    without, with_it = sketched("a meadow by day"), sketched(f"{word} in a meadow by day")
    changed = np.abs(np.asarray(without, dtype=np.int16) - np.asarray(with_it, dtype=np.int16))
    assert (changed.sum(axis=2) > 30).mean() > 0.005
