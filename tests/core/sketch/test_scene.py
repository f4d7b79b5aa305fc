import pytest

from core.sketch.colour import NAMED
from core.sketch.composition import PLACES
from core.sketch.scene import Scene, Thing, understand
from core.sketch.subjects import subjects


@pytest.mark.parametrize(
    "prompt",
    [
        "a red fox in the snow",
        "ein roter Fuchs im Schnee",
        "un zorro rojo en la nieve",
        "un renard rouge dans la neige",
        "красная лиса на снегу",
        "雪の中の赤い狐",
    ],
)
def test_one_scene_is_understood_in_six_languages(prompt: str) -> None:
    scene = understand(prompt)
    assert scene.things == (Thing("fox", 1, NAMED["red"]),)
    assert scene.place == "snow"
    assert scene.label == ""


def test_each_colour_goes_to_its_own_thing() -> None:
    scene = understand("a green house, a blue car and two white cats at night")
    assert scene.things == (
        Thing("house", 1, NAMED["green"]),
        Thing("car", 1, NAMED["blue"]),
        Thing("cat", 2, NAMED["white"]),
    )
    assert scene.time == "night"


def test_a_colour_without_a_thing_colours_the_scenery() -> None:
    assert understand("a purple landscape").colours == (NAMED["purple"],)


def test_parts_of_a_portrait_have_their_colours() -> None:
    scene = understand("portrait of a woman with long red hair, glasses and a green dress")
    assert [thing.name for thing in scene.things] == ["person"]
    parts = dict(scene.parts)
    assert parts["hair"] == NAMED["red"]
    assert parts["clothes"] == NAMED["green"]
    assert {"glasses", "long"} <= parts.keys()


def test_the_negative_prompt_takes_things_out() -> None:
    scene = understand("a fox and a cat in the rain, wearing a hat", "cat, rain, Hut")
    assert [thing.name for thing in scene.things] == ["fox"]
    assert scene.weather is None
    assert scene.parts == ()


def test_plurals_count_as_several() -> None:
    assert understand("cats").things == (Thing("cat", 3),)
    assert understand("zwei Katzen").things == (Thing("cat", 2),)


@pytest.mark.parametrize(
    ("prompt", "label"),
    [
        ("a zebra in the snow", "zebra"),
        ("steampunk octopus at dusk", "steampunk octopus"),
        ("дракон ночью", "дракон"),
        ("龍", "龍"),
        ("a serene lake at dawn", ""),
        ("a fox and a zebra", ""),
    ],
)
def test_only_an_unknown_subject_becomes_a_label(prompt: str, label: str) -> None:
    assert understand(prompt).label == label


@pytest.mark.parametrize("prompt", ["", "   ", "!!!", "\x00", "🦊", "a" * 5000])
def test_odd_prompts_are_understood_as_little(prompt: str) -> None:
    scene = understand(prompt)
    assert isinstance(scene, Scene)
    assert scene.things == ()


def test_every_subject_has_a_home_that_can_be_drawn() -> None:
    homes = {subject.home for subject in subjects().values() if subject.where != "part"}
    assert homes <= PLACES.keys()
