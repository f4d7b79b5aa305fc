"""Conversations about money: who may spend, how much, and what is asked first."""

from pathlib import Path

import pytest

from tests.dialogs.surfaces import OPEN, everywhere, followed
from tests.emulators.fal import FalEmulator


@everywhere
async def test_a_paid_picture_is_ordered_once_its_price_is_told_and_the_budget_kept(
    surface: str, tmp_path: Path, fal: FalEmulator, paid: dict[str, str]
) -> None:
    paid["NANO_BANANA_BUDGET_PER_DAY"] = "0.007"
    async with OPEN[surface](tmp_path, **paid) as chat:
        await chat.say("a red fox --model flux-schnell -n 2")
        shown = await chat.expect(pictures=2)
        await chat.press("Details")
        await chat.expect("Cost: $0.006")
        await chat.say("a blue fox --model flux-schnell")
        await chat.expect("That can cost $0.003 and you have $0.001 left today.")
        await chat.say("/usage")
        await chat.expect("$0.006 spent, $0.001 left")
    assert shown.pictures[0] != shown.pictures[1]
    assert (len(fal.jobs), fal.billed) == (1, 6_000)


@everywhere
async def test_what_a_model_cannot_do_is_refused_with_the_names_of_those_that_can(
    surface: str, tmp_path: Path, fal: FalEmulator, paid: dict[str, str]
) -> None:
    async with OPEN[surface](tmp_path, **paid) as chat:
        await chat.say("a red fox --model flux-schnell --no snow")
        told = await chat.expect("flux-schnell cannot do that (negative_prompt)")
    assert "qwen-image" in told.text
    assert "flux-dev" not in told.text
    assert fal.jobs == []


@everywhere
async def test_a_cancelled_job_gives_its_reservation_back(
    surface: str, tmp_path: Path, fal: FalEmulator, paid: dict[str, str]
) -> None:
    fal.manual = True
    async with OPEN[surface](tmp_path, **paid) as chat:
        await chat.say("a red fox --model flux-schnell")
        await followed(fal)
        await chat.press("Cancel")
        await chat.expect("Cancelled. Nothing more will be drawn.")
        await chat.say("/usage")
        await chat.expect("$0.00 spent, $5.00 left")
        assert chat.pictures == []
    assert [job.state for job in fal.jobs] == ["cancelled"]
    assert fal.billed == 0


@everywhere
async def test_a_dear_wish_is_quoted_first_and_a_yes_orders_it_once(
    surface: str, tmp_path: Path, fal: FalEmulator, paid: dict[str, str]
) -> None:
    async with OPEN[surface](tmp_path, **paid) as chat:
        await chat.say("a red fox --model nano-banana -n 4")
        await chat.expect("That is 4 pictures for about $0.156. You have $5.00 left today.")
        assert fal.jobs == []
        await chat.press("Yes, draw 4", times=2 if surface != "terminal" else 1)
        await chat.expect(pictures=4)
        await chat.say("/usage")
        await chat.expect("$0.156 spent")
    assert (len(fal.jobs), fal.billed) == (1, 156_000)


@pytest.mark.parametrize("surface", ["telegram", "discord"])
async def test_a_stranger_may_not_spend_but_may_draw_previews(
    surface: str, tmp_path: Path, fal: FalEmulator, paid: dict[str, str]
) -> None:
    paid["NANO_BANANA_OPERATORS"] = ""
    async with OPEN[surface](tmp_path, **paid) as chat:
        await chat.say("a red fox")
        await chat.expect("Paid models are only for people the operator allows.")
        await chat.say("a red fox --model sketch")
        await chat.expect(pictures=1)
        await chat.say("/usage")
        await chat.expect("ask the operator to add")
    assert fal.jobs == []
