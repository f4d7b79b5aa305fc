"""fal from order to picture, and everything that goes wrong on the way."""

import asyncio
from dataclasses import replace

import pytest

from core.errors import (
    ProviderRefused,
    ProviderRejected,
    ProviderUnavailable,
    ResultLost,
    Stuck,
    Unsupported,
)
from core.job import Remote
from core.providers.fal import Fal
from core.providers.fal_words import cost_of, found_in
from core.providers.refusals import Answer
from tests.core.providers.adapters import fal_at
from tests.core.providers.orders import edit, generation, make, order_of, ordered, spec_of, steps_of
from tests.emulators.fal import FalEmulator
from tests.emulators.pictures import size_of

SCHNELL = spec_of("fal", "flux-schnell")
ORDER = order_of(SCHNELL, generation(SCHNELL, seed=7))
PAIR = order_of(SCHNELL, generation(SCHNELL, seed=7, num_images=2))


def asked(falai: FalEmulator) -> list[str]:
    """List the calls about jobs by method and last part of the path."""
    calls = [call for call in falai.calls if not call.path.startswith("/files/")]
    return [f"{call.method} {call.path.rpartition('/')[2]}" for call in calls]


async def test_two_pictures_take_three_calls_and_two_downloads(
    falai: FalEmulator, fal: Fal
) -> None:
    made = await make(fal, PAIR)
    assert [size_of(data) for data in made.images] == [(1024, 1024), (1024, 1024)]
    assert made.seeds == (7, None)
    assert made.cost == falai.billed
    assert asked(falai) == ["POST schnell", "GET stream", f"GET {falai.jobs[0].id}"]


async def test_the_order_carries_our_job_and_a_short_life_for_its_files(
    falai: FalEmulator, fal: Fal
) -> None:
    await ordered(fal, ORDER)
    headers = falai.jobs[0].headers
    assert headers["X-Fal-Tags"] == "job=k3v9qx2m7p"
    assert "86400" in headers["X-Fal-Object-Lifecycle-Preference"]


async def test_an_edit_uploads_its_picture_first(falai: FalEmulator, fal: Fal) -> None:
    made = await make(fal, order_of(spec_of("fal", "flux-dev"), edit(strength=0.6)))
    assert size_of(made.images[0]) == (512, 384)
    assert falai.storage.load(falai.jobs[0].input["image_url"]) is not None


async def test_what_an_endpoint_cannot_do_is_refused_before_anything_is_sent(
    falai: FalEmulator, fal: Fal
) -> None:
    with pytest.raises(Unsupported):
        await ordered(fal, order_of(SCHNELL, generation(SCHNELL, negative_prompt="blur")))
    assert falai.calls == []


async def test_a_job_that_runs_tells_its_place_and_its_percentage(
    falai: FalEmulator, fal: Fal
) -> None:
    falai.manual = True
    await ordered(fal, ORDER)
    remote = await ordered(fal, ORDER)
    steps = []
    async for step in fal.follow(remote, asyncio.Event()):
        steps.append(step)
        match len(steps):
            case 1:
                falai.advance(remote.id, "running", " 25%|##5       | 7/28")
            case 2:
                falai.advance(remote.id, "running", "loading")
            case 3:
                falai.advance(remote.id, "queued")
            case _:
                falai.finish(remote.id)
    assert [(step.running, step.position, step.percent) for step in steps] == [
        (False, 1, None),
        (True, None, 25),
        (True, None, 25),
        (False, 1, None),
    ]


@pytest.mark.parametrize("flaw", ["cut_after", "close_without_completed"])
async def test_a_stream_that_breaks_is_opened_again(
    falai: FalEmulator, fal: Fal, flaw: str
) -> None:
    falai.run_seconds = 0.1
    falai.fault("stream", flaw, events=1)
    assert len((await make(fal, ORDER)).images) == 1
    assert asked(falai).count("GET stream") == 2


@pytest.mark.parametrize("flaw", ["no_events", "ping_only", "wrong_content_type", "nginx", "drop"])
async def test_without_a_stream_the_status_is_asked_for(
    falai: FalEmulator, fal: Fal, flaw: str
) -> None:
    falai.run_seconds = 0.1
    falai.fault("stream", flaw)
    assert len((await make(fal, ORDER)).images) == 1
    assert asked(falai).count("GET stream") == 1
    assert asked(falai).count("GET status") >= 1


@pytest.mark.parametrize("flaw", ["twice", "awkward"])
async def test_a_stream_written_oddly_is_read_all_the_same(
    falai: FalEmulator, fal: Fal, flaw: str
) -> None:
    falai.run_seconds = 0.05
    falai.fault("stream", flaw)
    assert len((await make(fal, ORDER)).images) == 1
    assert asked(falai).count("GET stream") == 1


async def test_statuses_nobody_knows_and_hiccups_do_not_end_the_following(
    falai: FalEmulator, fal: Fal
) -> None:
    falai.run_seconds = 0.1
    falai.fault("stream", "drop")
    falai.fault("status", "unknown")
    falai.fault("status", "status", code=404)
    falai.fault("status", "html_200", times=4)
    falai.fault("status", "status", code=500)
    assert len((await make(fal, ORDER)).images) == 1


async def test_a_request_that_stays_unknown_is_lost(falai: FalEmulator, fal: Fal) -> None:
    remote = await ordered(fal, ORDER)
    falai.jobs.clear()
    falai._by_id.clear()
    with pytest.raises(ResultLost):
        await steps_of(fal, remote)


async def test_a_job_that_never_ends_is_given_up(falai: FalEmulator) -> None:
    falai.manual = True
    async with fal_at(falai.url, stuck=0.2) as fal:
        remote = await ordered(fal, ORDER)
        with pytest.raises(Stuck):
            await steps_of(fal, remote)


async def test_addresses_that_are_missing_are_built_from_the_id(
    falai: FalEmulator, fal: Fal
) -> None:
    falai.fault("submit", "missing_cancel_url")
    remote = await ordered(fal, order_of(spec_of("fal", "flux-dev"), edit()))
    assert remote.urls["cancel_url"] == f"{falai.url}/fal-ai/flux/requests/{remote.id}/cancel"
    await fal.cancel(remote)
    assert falai.called("PUT", "/cancel")


async def test_the_key_is_not_shown_to_a_host_that_is_not_fals(
    falai: FalEmulator, fal: Fal
) -> None:
    remote = Remote(id="x", urls={"cancel_url": "https://127.0.0.1:9/cancel"})
    with pytest.raises(ProviderRejected):
        await fal.cancel(remote)


async def test_a_blanked_picture_is_left_out_and_counted(falai: FalEmulator, fal: Fal) -> None:
    remote = await ordered(fal, PAIR)
    falai.jobs[0].made[1] = replace(falai.jobs[0].made[1], black=True)
    made = await fal.result(remote, PAIR)
    assert (len(made.images), made.withheld, made.seeds) == (1, 1, (7,))


@pytest.mark.parametrize("units", ["nan", "inf", "-inf", "-3", "1e9", "1e400", "two", ""])
def test_a_bill_that_is_no_sum_of_money_is_not_believed(units: str) -> None:
    answer = Answer(200, {"x-fal-billable-units": units}, {})
    assert cost_of(answer, SCHNELL) is None
    assert cost_of(Answer(200, {"x-fal-billable-units": "2.0"}, {}), SCHNELL) == 6_000


@pytest.mark.parametrize("seed", [2**64 - 1, -(2**70), True, 1.5, "7"])
def test_a_seed_that_no_database_keeps_is_none(seed: object) -> None:
    (found,) = found_in({"images": [{"url": "https://x"}], "seed": seed})
    assert found.seed is None


async def test_a_refusal_of_the_safety_checker_is_a_refusal(falai: FalEmulator, fal: Fal) -> None:
    falai.fault("result", "nsfw")
    with pytest.raises(ProviderRefused):
        await make(fal, PAIR)


async def test_pictures_that_are_all_blanked_are_counted_and_none_is_handed_over(
    falai: FalEmulator, fal: Fal
) -> None:
    falai.fault("result", "nsfw_black")
    made = await make(fal, PAIR)
    assert (made.images, made.withheld) == ((), 2)


async def test_fewer_pictures_than_asked_for_are_handed_over(falai: FalEmulator, fal: Fal) -> None:
    falai.fault("result", "fewer")
    assert len((await make(fal, PAIR)).images) == 1


@pytest.mark.parametrize("flaw", ["zero", "failed"])
@pytest.mark.parametrize("told", [True, False])
async def test_a_job_that_made_nothing_is_rejected(
    falai: FalEmulator, fal: Fal, flaw: str, *, told: bool
) -> None:
    falai.failure_fields = told
    falai.fault("result", flaw)
    with pytest.raises(ProviderRejected):
        await make(fal, ORDER)


async def test_a_model_that_dislikes_its_input_says_which_field(
    falai: FalEmulator, fal: Fal
) -> None:
    falai.late_validation = True
    order = order_of(SCHNELL, generation(SCHNELL, num_inference_steps=99))
    with pytest.raises(ProviderRejected) as raised:
        await make(fal, order)
    assert "num_inference_steps" in str(raised.value.values["detail"])


async def test_a_result_that_is_gone_is_lost(falai: FalEmulator, fal: Fal) -> None:
    remote = await ordered(fal, ORDER)
    falai.forget(remote.id)
    with pytest.raises(ResultLost):
        await fal.result(remote, ORDER)


@pytest.mark.parametrize(
    ("flaw", "values"), [("nginx", {}), ("status", {"code": 400}), ("html_200", {}), ("drop", {})]
)
async def test_a_result_that_stumbles_may_be_asked_for_again(
    falai: FalEmulator, fal: Fal, flaw: str, values: dict[str, int]
) -> None:
    remote = await ordered(fal, ORDER)
    falai.fault("result", flaw, times=3, **values)
    with pytest.raises(ProviderUnavailable):
        await fal.result(remote, ORDER)
    falai._faults.clear()
    assert len((await fal.result(remote, ORDER)).images) == 1


async def test_a_cancellation_that_comes_too_late_is_no_error(falai: FalEmulator, fal: Fal) -> None:
    remote = await ordered(fal, ORDER)
    assert not await fal.cancel(remote)
    assert falai.jobs[0].state == "succeeded"


async def test_a_cancelled_job_ends_without_a_result(falai: FalEmulator, fal: Fal) -> None:
    falai.manual = True
    remote = await ordered(fal, ORDER)
    await fal.cancel(remote)
    await steps_of(fal, remote)
    with pytest.raises(ProviderRejected):
        await fal.result(remote, ORDER)


async def test_a_check_tells_a_bad_key_from_a_dead_line(falai: FalEmulator, fal: Fal) -> None:
    assert (await fal.check()).ok
    async with fal_at(falai.url, key="wrong") as stranger:
        assert "Authentication is required" in (await stranger.check()).detail
    falai.fault("platform", "nginx", times=3)
    assert (await fal.check()).detail == "HTTP 502"
    assert falai.jobs == []
