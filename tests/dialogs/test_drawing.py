"""Conversations that cost nothing: the same words on every surface."""

import io
import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.dialogs.surfaces import OPEN, everywhere, in_chats


def size(picture: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture)).size


@everywhere
async def test_words_with_flags_become_the_pictures_that_they_say(
    surface: str, tmp_path: Path
) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a red fox --seed 7 -n 2 --ar 3:2")
        shown = await chat.expect(pictures=2)
    first, second = map(size, shown.pictures)
    assert first == second
    assert first[0] * 2 == first[1] * 3
    assert shown.pictures[0] != shown.pictures[1]


@everywhere
async def test_a_phone_may_turn_the_dashes_of_flags_into_long_ones(
    surface: str, tmp_path: Path
) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a red fox --seed 7 --ar 2:3")
        plain = await chat.expect(pictures=1)
        await chat.say("a red fox —seed 7 ––ar 2:3")
        assert (await chat.expect(pictures=1)).pictures == plain.pictures


@in_chats
async def test_a_mistake_is_answered_with_the_nearest_and_nothing_is_drawn(
    surface: str, tmp_path: Path
) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a fox --sed 7")
        await chat.expect("I do not know --sed. Try --seed.")
        await chat.say("a fox --model sketsch")
        await chat.expect("Did you mean sketch?")
        await chat.say("a fox --ar 1:9")
        await chat.expect("1:9 is no shape")
        assert chat.pictures == []


@everywhere
async def test_a_picture_is_varied_enlarged_and_told_about(surface: str, tmp_path: Path) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a red fox --seed 7 -n 2")
        first = await chat.expect(pictures=2)
        await chat.press("Vary 2")
        varied = await chat.expect(pictures=1)
        await chat.press("Upscale 1")
        large = await chat.expect(pictures=1)
        await chat.press("Details")
        about = await chat.expect("a red fox")
        await chat.say("/history")
        listed = await chat.expect("The last pictures here:")
        await chat.say("/jobs")
        jobs = await chat.expect("Your newest jobs:")
        await chat.say("/usage")
        await chat.expect("$0.00 spent" if surface in {"web", "terminal"} else "free previews")
    assert varied.pictures[0] not in first.pictures
    assert size(varied.pictures[0]) == size(first.pictures[0])
    assert size(large.pictures[0]) == tuple(2 * side for side in size(varied.pictures[0]))
    assert "Model: Sketch" in about.text
    assert "$0.00" in about.text
    if surface != "terminal":
        assert len(re.findall(r"\w+: a red fox \(\d\)", listed.text)) == 3
    assert jobs.text.count(": done, a red fox") == 3


@in_chats
async def test_files_are_the_very_bytes_and_again_is_another_picture(
    surface: str, tmp_path: Path
) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a red fox --seed 7")
        first = await chat.expect(pictures=1)
        await chat.press("As file")
        file = await chat.expect(pictures=1)
        await chat.press("Again")
        again = await chat.expect(pictures=1)
    assert file.pictures == first.pictures
    assert again.pictures != first.pictures


@in_chats
async def test_deleted_pictures_leave_the_chat_the_history_and_the_store(
    surface: str, tmp_path: Path
) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a red fox -n 2")
        shown = await chat.expect(pictures=2)
        await chat.press("Delete")
        await chat.expect("are deleted")
        await chat.gone(shown)
        await chat.say("/history")
        await chat.expect("Nothing was drawn here yet.")
        assert [one for one in (tmp_path / "images").rglob("*") if one.is_file()] == []


@everywhere
async def test_many_prompts_in_one_are_counted_out_loud_before_they_are_drawn(
    surface: str, tmp_path: Path
) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a {red,blue,green} fox -n 2")
        await chat.expect("That is 6 pictures. Shall I?")
        assert chat.pictures == []
        await chat.press("Yes, draw 6", times=2 if surface != "terminal" else 1)
        # A run of the terminal shows all of its pictures at its end.
        counts = [6] if surface == "terminal" else [2, 2, 2]
        shown = [await chat.expect(pictures=count) for count in counts]
        await chat.say("/jobs")
        jobs = await chat.expect("Your newest jobs:")
        assert len(chat.pictures) == 6
    assert sorted(re.findall(r"a (\w+) fox", jobs.text)) == ["blue", "green", "red"]
    assert len({picture for heard in shown for picture in heard.pictures}) == 6


@in_chats
async def test_a_no_to_many_prompts_draws_nothing(surface: str, tmp_path: Path) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("a {red,blue,green} fox -n 2")
        await chat.expect("That is 6 pictures. Shall I?")
        await chat.press("No, leave it")
        await chat.expect("All right, I leave it.")
        await chat.say("/jobs")
        await chat.expect("You have no jobs yet.")
        assert chat.pictures == []


@in_chats
async def test_a_command_without_a_prompt_asks_for_it_and_the_answer_draws(
    surface: str, tmp_path: Path
) -> None:
    async with OPEN[surface](tmp_path) as chat:
        await chat.say("/imagine")
        question = await chat.expect("What shall I draw?")
        await chat.say("a teapot --seed 7", answering=question)
        shown = await chat.expect(pictures=1)
        await chat.say("a teapot --seed 7")
        assert (await chat.expect(pictures=1)).pictures == shown.pictures


@everywhere
async def test_help_is_told_in_german_to_who_speaks_german(surface: str, tmp_path: Path) -> None:
    locale = "de"
    if surface == "terminal":
        locale = "de_DE.UTF-8"
        german_at(tmp_path / locale)
    async with OPEN[surface](tmp_path, locale=locale) as chat:
        await chat.say("/help")
        told = await chat.expect("Bilder aus Worten machen")
    assert "Make pictures" not in told.text


def german_at(folder: Path) -> None:
    """Compile the locale, which the machine need not have."""
    made = ["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", str(folder)]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the C library cannot make a German locale here")
