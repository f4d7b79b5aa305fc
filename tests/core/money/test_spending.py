"""Money, from the price that is quoted to the bill that is paid."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.web_chat.outbound import Event
from core.budget import Price
from core.job import Status
from core.money.prices import ask_for_prices
from core.replies import Accepted, Menu, Pictures, Reply, Text
from core.worker.deliver import announce
from storage.chain import first_break
from storage.database import SqlDatabase
from tests.core.money.desk import ANNA, BOSS, Desk, desk_at, until
from tests.emulators.fal import FalEmulator

FOX = "/imagine a fox --model flux-dev"
ONE = 25_000
"""What one picture of flux-dev costs, in micro-dollars."""


async def test_the_ledger_sums_to_the_bills_of_good_failed_blanked_and_cancelled_jobs(
    desk: Desk, falai: FalEmulator
) -> None:
    for fault in ("nsfw_black", "failed", "fewer", "nsfw", "zero"):
        falai.fault("result", fault)
        await desk.ended(*await desk.order(BOSS, f"{FOX} -n 2"))
    falai.fault("submit", "status", code=400)
    await desk.ended(*await desk.order(BOSS, FOX))
    good = await desk.order(BOSS, "/imagine a {fox,cat,dog,cow} -n 2 --model flux-dev")
    await desk.ended(*good)
    falai.manual = True
    cancelled, *others = await desk.order(BOSS, "/imagine a {fox,cat,dog} --model flux-dev")
    await until(lambda: len(falai.jobs) == 12)
    await desk.say(BOSS, f"/cancel {cancelled}")
    for job in falai.jobs:
        if not job.ended and f"job={cancelled}" not in job.headers.get("X-Fal-Tags", ""):
            falai.finish(job.id)
    ends = await desk.ended(cancelled, *others)
    assert [one.status for one in ends] == [Status.CANCELLED, Status.DONE, Status.DONE]
    assert await desk.spent() == falai.billed > 10 * ONE
    database = desk.studio.database
    assert isinstance(database, SqlDatabase)
    async with database.reader.connect() as connection:
        assert await first_break(connection) is None


async def test_what_was_held_and_not_used_is_said_to_come_back(
    desk: Desk, falai: FalEmulator
) -> None:
    falai.fault("result", "failed")
    (failed,) = await desk.ended(*await desk.order(BOSS, FOX))
    told = announce(desk.studio, failed, ())
    assert isinstance(told, Text)
    (line,) = told.lines
    assert (line.key, line.values) == ("refunded", {"refund": ONE})
    falai.fault("result", "fewer")
    (fewer,) = await desk.ended(*await desk.order(BOSS, f"{FOX} -n 3"))
    async with desk.studio.database.reading() as tx:
        shown = announce(desk.studio, fewer, await tx.pictures.of_job(fewer.id))
    assert isinstance(shown, Pictures)
    count, back = shown.caption.lines
    assert (count.key, count.values) == ("fewer", {"made": 2, "asked": 3})
    assert back.values == {"refund": 3 * ONE - (fewer.cost or 0)}
    (whole,) = await desk.ended(*await desk.order(BOSS, FOX))
    async with desk.studio.database.reading() as tx:
        shown = announce(desk.studio, whole, await tx.pictures.of_job(whole.id))
    assert isinstance(shown, Pictures)
    assert shown.caption.lines == ()


async def test_no_more_is_ordered_at_once_than_the_account_takes(
    falai: FalEmulator, tmp_path: Path
) -> None:
    falai.manual = True
    async with desk_at(tmp_path, falai, NANO_BANANA_JOBS_PER_PROVIDER=2) as desk:
        jobs = await desk.order(BOSS, "/imagine a {fox,cat,dog} --model flux-dev")
        await until(lambda: len(falai.jobs) == 2)
        await desk.ended(*await desk.order(BOSS, "/imagine a fox --model sketch"))
        assert len(falai.jobs) == 2
        falai.finish(falai.jobs[0].id)
        await until(lambda: len(falai.jobs) == 3)
        for job in falai.jobs[1:]:
            falai.finish(job.id)
        assert [one.status for one in await desk.ended(*jobs)] == [Status.DONE] * 3


async def test_a_stop_reaches_what_waits_and_what_is_asked(
    falai: FalEmulator, tmp_path: Path
) -> None:
    falai.manual = True
    async with desk_at(tmp_path, falai, NANO_BANANA_JOBS_PER_USER=1) as desk:
        jobs = await desk.order(BOSS, "/imagine a {fox,cat,dog} --model flux-dev")
        await until(lambda: len(falai.jobs) == 1)
        assert await desk.key(BOSS, "/stop") == "stopped"
        assert await desk.key(BOSS, FOX) == "error.stopped"
        assert await desk.key(BOSS, "/imagine a {fox,cat,dog,cow,owl} --model flux-dev") == (
            "error.stopped"
        )
        assert await desk.key(BOSS, "/imagine a fox --model sketch") == "accepted"
        falai.finish(falai.jobs[0].id)
        ends = await desk.ended(*jobs)
        assert [one.error for one in ends] == ["", "error.stopped", "error.stopped"]
        assert (len(falai.jobs), await desk.spent()) == (1, falai.billed)
        assert await desk.key(BOSS, "/resume") == "resumed"
        assert await desk.key(BOSS, FOX) == "accepted"


async def test_a_stop_reaches_an_order_that_is_tried_again(
    falai: FalEmulator, tmp_path: Path
) -> None:
    async with desk_at(tmp_path, falai, FAL_QUEUE_URL="http://127.0.0.1:1") as desk:
        (job,) = await desk.order(BOSS, FOX)
        await desk.left(job, Status.QUEUED)
        await desk.say(BOSS, "/stop")
        (ended,) = await desk.ended(job)
        assert (ended.error, falai.jobs, await desk.spent()) == ("error.stopped", [], 0)


async def test_a_quote_tells_the_price_and_what_is_left(falai: FalEmulator, tmp_path: Path) -> None:
    async with desk_at(tmp_path, falai, NANO_BANANA_BUDGET_PER_DAY="0.20") as desk:
        quote = await desk.say(BOSS, "/imagine a {fox,cat,dog} -n 2 --model flux-dev")
        assert isinstance(quote, Menu)
        assert quote.text.values == {"count": 6, "cost": 6 * ONE, "left": 200_000}
        # Nobody is asked to agree to what would be refused.
        reply = await desk.say(BOSS, "/imagine a {fox,cat,dog} -n 3 --model flux-dev")
        assert isinstance(reply, Text)
        assert (reply.key, reply.values["left"]) == ("error.budget", 200_000)
        assert await desk.key(ANNA, "/imagine a {fox,cat} -n 3 --model flux-dev") == (
            "error.may_not_spend"
        )
        quote = await desk.say(BOSS, "/imagine a {fox,cat,dog} -n 3 --model sketch")
        assert isinstance(quote, Menu)
        assert quote.text.key == "quote.free"


async def test_nothing_is_paid_for_a_picture_too_large_to_be_kept(
    desk: Desk, falai: FalEmulator
) -> None:
    (job,) = await desk.ended(*await desk.order(BOSS, "/imagine a fox --model sketch"))
    async with desk.studio.database.transaction() as tx:
        (made,) = await tx.pictures.of_job(job.id)
        await tx.pictures.forget(job.id)
        await tx.pictures.add([replace(made, width=4096, height=4096)])
    assert await desk.key(BOSS, f"/upscale {job.id}") == "error.picture_too_many_pixels"
    assert (falai.jobs, await desk.spent()) == ([], 0)


async def test_of_many_jobs_none_is_taken_when_one_passes_the_budget(
    falai: FalEmulator, tmp_path: Path
) -> None:
    changes = {"NANO_BANANA_BUDGET_PER_DAY": "0.06", "NANO_BANANA_CONFIRM_ABOVE": "1"}
    async with desk_at(tmp_path, falai, **changes) as desk:
        reply = await desk.say(BOSS, "/imagine a {fox,cat,dog} --model flux-dev")
        assert isinstance(reply, Text)
        assert (reply.key, reply.values["left"]) == ("error.budget", 60_000 - 2 * ONE)
        assert await desk.spent() == 0


async def test_who_has_little_left_is_told_once_a_day(falai: FalEmulator, tmp_path: Path) -> None:
    async with desk_at(tmp_path, falai, NANO_BANANA_BUDGET_PER_USER_PER_DAY="0.14") as desk:
        await desk.say(BOSS, "/allow telegram:501")
        said = [await desk.say(ANNA, FOX) for _ in range(6)]
        texts = [one.text if isinstance(one, Accepted) else one for one in said]
        assert texts[:4] == [None, None, None, None]
        assert texts[4] == Text("little_left", {"left": 140_000 - 5 * ONE})
        assert isinstance(texts[5], Text)
        assert texts[5].key == "error.budget"
        assert await desk.say(ANNA, "/imagine a fox --model sketch") is not None


async def test_an_operators_budget_goes_before_the_settings(desk: Desk) -> None:
    await desk.say(BOSS, "/allow telegram:501")
    await desk.say(BOSS, "/budget telegram:501 --amount 0,03")
    await desk.say(BOSS, "/budget all --amount $40 --period month")
    assert await desk.key(ANNA, FOX) == "accepted"
    assert await desk.key(ANNA, FOX) == "error.budget"
    mine = await desk.say(ANNA, "/budget")
    assert isinstance(mine, Text)
    told = {(one.values["who"], one.values["period"]): one.values for one in mine.lines}
    assert told["user:telegram:501", "@period.day"] == {
        "who": "user:telegram:501",
        "period": "@period.day",
        "amount": 30_000,
        "spent": ONE,
    }
    assert told["all", "@period.month"]["amount"] == 40_000_000
    bosses = await desk.say(BOSS, "/budget")
    assert isinstance(bosses, Text)
    assert [one.key for one in bosses.lines].count("budget.set") == 2
    assert await desk.key(BOSS, "/budget telegram:501 --amount none") == "budget.removed"
    assert await desk.key(ANNA, FOX) == "accepted"
    for amount in ("much", "-1", "2000000", "nan", "inf"):
        assert await desk.key(BOSS, f"/budget all --amount {amount}") == "error.amount"


async def test_usage_tells_ones_own_the_chats_and_the_studios(desk: Desk) -> None:
    assert await desk.key(BOSS, "/usage model") == "usage.empty"
    assert await desk.key(ANNA, "/usage") == "usage.not_allowed"
    await desk.say(BOSS, "/allow telegram:501")
    await desk.ended(*await desk.order(ANNA, FOX), *await desk.order(BOSS, f"{FOX} -n 2"))
    mine, chats = await desk.say(ANNA, "/usage"), await desk.say(ANNA, "/usage chat")
    assert isinstance(mine, Text)
    assert isinstance(chats, Text)
    assert mine.values == {"spent": ONE, "month": ONE, "left": 100_000_000 - 3 * ONE}
    assert chats.values == {"spent": 3 * ONE, "month": 3 * ONE}
    for user, sum_ in ((ANNA, ONE), (BOSS, 3 * ONE)):
        by_model, by_day = await desk.say(user, "/usage model"), await desk.say(user, "/usage day")
        assert isinstance(by_model, Text)
        assert isinstance(by_day, Text)
        assert by_model.lines[0].values == {"name": "fal/flux-dev", "spent": sum_}
        assert [one.values["spent"] for one in by_day.lines] == [sum_]


async def test_fals_own_price_goes_before_the_catalogues(desk: Desk, falai: FalEmulator) -> None:
    studio = desk.studio
    told = await ask_for_prices(studio.providers, studio.catalogue)
    by_endpoint = {price.endpoint: price for price in told}
    assert by_endpoint["fal-ai/flux/dev"].amount == ONE
    assert {price.unit for price in told} == {"image", "megapixel"}
    dearer = [replace(price, amount=price.amount * 10) for price in told]
    async with studio.database.transaction() as tx:
        await tx.prices.put(told, studio.now())
        await tx.prices.put(dearer, studio.now())
    models = await desk.say(BOSS, "/models")
    assert isinstance(models, Text)
    costs = {line.values["name"]: line.values.get("cost") for line in models.lines}
    assert costs["flux-dev"] == 10 * ONE
    assert await desk.key(BOSS, FOX) == "quote.paid"
    (job,) = await desk.order(BOSS, FOX)
    assert (await desk.job(job)).hold == 10 * ONE


async def test_a_yes_counts_for_the_price_that_was_told(desk: Desk, falai: FalEmulator) -> None:
    studio, dear = desk.studio, "/imagine a {fox,cat,dog} -n 2 --model flux-dev"
    quotes = [await desk.say(BOSS, dear) for _ in range(2)]
    risen, fallen = [f"/{yes_of(quote)}" for quote in quotes]
    for amount, yes, key in ((ONE + 1, risen, "error.price_rose"), (ONE - 1, fallen, "accepted")):
        price = Price(endpoint="fal-ai/flux/dev", unit="megapixel", amount=amount)
        async with studio.database.transaction() as tx:
            await tx.prices.put([price], studio.now())
        assert await desk.key(BOSS, yes) == key
    assert await desk.key(BOSS, risen) == "accepted"
    await until(lambda: len(falai.jobs) == 6)


def yes_of(quote: Reply) -> str:
    assert isinstance(quote, Menu)
    return quote.buttons[0].token.replace(":", " ", 1)


async def test_a_job_whose_provider_lost_its_key_is_still_listed(
    falai: FalEmulator, tmp_path: Path
) -> None:
    falai.manual = True
    async with desk_at(tmp_path, falai) as desk:
        (job,) = await desk.order(BOSS, FOX)
        await until(lambda: bool(falai.jobs))
    async with desk_at(tmp_path, falai, FAL_KEY=None) as desk:
        next(desk.numbers)  # the first was said before
        listed = await desk.say(BOSS, "/jobs")
    assert isinstance(listed, Menu)
    assert [line.key for line in listed.text.lines] == ["jobs.line", "jobs.keyless"]
    assert listed.buttons[0].token == f"cancel:{job}"


async def test_who_waits_in_line_sees_the_place(falai: FalEmulator, tmp_path: Path) -> None:
    falai.manual = True
    async with desk_at(tmp_path, falai, NANO_BANANA_JOBS_PER_USER=1) as desk:
        with desk.messenger.feed() as feed:
            jobs = await desk.order(BOSS, "/imagine a {fox,cat,dog} --model flux-dev")
            seen: dict[str, list[str]] = {}
            async with asyncio.timeout(30):
                while not all(len(seen.get(job, [])) >= 1 for job in jobs[1:]):
                    note(seen, await feed.get())
                await until(lambda: bool(falai.jobs))
                falai.finish(falai.jobs[0].id)
                while "In the queue, number 1…" not in seen[jobs[2]]:
                    note(seen, await feed.get())
            assert seen[jobs[1]][0] == "In the queue, number 1…"
            assert seen[jobs[2]][0] == "In the queue, number 2…"
            assert (await desk.job(jobs[2])).status_message == jobs[2]
            await desk.say(BOSS, f"/cancel {jobs[2]}")
            (left,) = await desk.ended(jobs[2])
            assert left.status is Status.CANCELLED
            assert await desk.key(BOSS, "/stop") == "stopped"


def note(seen: dict[str, list[str]], event: object) -> None:
    if isinstance(event, Event) and event.name == "status":
        seen.setdefault(event.data["job"], []).append(event.data["text"])
