"""Replicate from order to picture, and everything that goes wrong on the way."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from core.errors import (
    ProviderDenied,
    ProviderRefused,
    ProviderRejected,
    ProviderUnavailable,
    ResultLost,
)
from core.providers.foreign import parsed
from core.providers.replicate import Replicate
from core.providers.replicate_words import found_in
from tests.core.providers.adapters import HURRY, replicate_at
from tests.core.providers.orders import (
    MASK,
    SOURCE,
    edit,
    generation,
    make,
    name_of,
    order_of,
    ordered,
    spec_of,
    steps_of,
)
from tests.emulators.pictures import size_of
from tests.emulators.replicate import ReplicateEmulator

SCHNELL = spec_of("replicate", "flux-schnell")
ORDER = order_of(SCHNELL, generation(SCHNELL, seed=7))
PAIR = order_of(SCHNELL, generation(SCHNELL, seed=7, num_images=2))


async def test_pictures_are_ordered_awaited_and_fetched(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    made = await make(replicate, PAIR)
    assert [size_of(data) for data in made.images] == [(1024, 1024), (1024, 1024)]
    assert made.seeds == (7, None)
    assert made.cost is None
    assert api.jobs[0].headers["Prefer"] == "wait=1"
    assert len(api.called("POST")) == 1


async def test_without_waiting_the_id_comes_at_once_and_polling_tells_the_rest(
    api: ReplicateEmulator,
) -> None:
    api.manual = True
    async with replicate_at(api, wait_seconds=0) as replicate:
        remote = await ordered(replicate, ORDER)
        steps = []
        async for step in replicate.follow(remote, asyncio.Event()):
            steps.append((step.running, step.percent))
            if len(steps) == 1:
                api.advance(remote.id, "running", " 50%|##   | 14/28")
            else:
                api.finish(remote.id)
        assert steps == [(False, None), (True, 50)]
        assert len((await replicate.result(remote, ORDER)).images) == 1


async def test_an_edit_and_its_mask_are_uploaded_through_the_files_of_replicate(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    order = order_of(spec_of("replicate", "flux-fill"), edit(mask_image=name_of(MASK)))
    await make(replicate, order)
    given = api.jobs[0].input
    assert [api.load(given[name]) for name in ("image", "mask")] == [SOURCE, MASK]
    packing = {call.headers["Accept-Encoding"] for call in api.called("POST", "/v1/files")}
    assert packing == {"identity"}


async def test_a_community_model_is_run_by_its_newest_version(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    order = order_of(spec_of("replicate", "real-esrgan"), edit(upscale_factor=2))
    made = await make(replicate, order)
    assert size_of(made.images[0]) == (1024, 768)
    assert api.jobs[0].version is not None


async def test_a_seed_that_the_service_chose_is_read_from_its_log(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    made = await make(replicate, order_of(SCHNELL, generation(SCHNELL)))
    assert made.seeds == (api.jobs[0].seed,)


def test_a_seed_that_no_database_keeps_is_none() -> None:
    logs = f"Using seed: {2**64 - 1}"
    (found,) = found_in({"output": ["https://x"], "logs": logs}, None)
    assert found.seed is None


def test_an_output_that_hides_its_pictures_deep_inside_has_none() -> None:
    output = parsed(b"[" * 900 + b'"https://x"' + b"]" * 900)
    assert output
    assert found_in({"output": output}, None) == []
    assert len(found_in({"output": {"images": ["https://x", "https://y"]}}, None)) == 2


@pytest.mark.parametrize("shape", ["null_version", "output_string", "output_list"])
async def test_predictions_of_odd_shape_are_read_all_the_same(
    api: ReplicateEmulator, replicate: Replicate, shape: str
) -> None:
    api.fault("result", shape)
    assert len((await make(replicate, ORDER)).images) == 1


async def test_pictures_that_the_safety_checker_kept_back_are_counted(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    api.fault("result", "fewer")
    remote = await ordered(replicate, PAIR)
    api.job(remote.id).logs.append("NSFW content detected in image 1")
    made = await replicate.result(remote, PAIR)
    assert (len(made.images), made.withheld) == (1, 1)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("nsfw", ProviderRefused),
        ("failed", ProviderRejected),
        ("error_object", ProviderRejected),
        ("aborted", ProviderRejected),
        ("output_null", ProviderRejected),
        ("data_removed", ResultLost),
    ],
)
async def test_an_ending_without_pictures_says_why(
    api: ReplicateEmulator, replicate: Replicate, outcome: str, error: type[Exception]
) -> None:
    api.fault("result", outcome)
    with pytest.raises(error):
        await make(replicate, ORDER)


async def test_hiccups_of_the_status_do_not_end_the_following(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    api.fault("create", "window_ends")
    api.fault("get", "nginx", times=4)
    api.fault("get", "status", code=404)
    api.fault("get", "drop", times=2)
    assert len((await make(replicate, ORDER)).images) == 1


async def test_a_cancelled_prediction_ends_without_a_result(api: ReplicateEmulator) -> None:
    api.manual = True
    async with replicate_at(api, wait_seconds=0) as replicate:
        remote = await ordered(replicate, ORDER)
        await replicate.cancel(remote)
        await steps_of(replicate, remote)
        with pytest.raises(ProviderRejected):
            await replicate.result(remote, ORDER)


async def test_no_credit_is_told_apart_from_a_bad_input(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    api.fault("create", "status", code=402)
    with pytest.raises(ProviderDenied):
        await ordered(replicate, ORDER)
    with pytest.raises(ProviderRejected) as raised:
        await ordered(replicate, order_of(SCHNELL, generation(SCHNELL, num_inference_steps=99)))
    assert "num_inference_steps" in str(raised.value.values["detail"])


async def test_an_upload_that_fails_for_good_orders_nothing(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    api.fault("upload", "nginx", times=3)
    with pytest.raises(ProviderUnavailable):
        await ordered(replicate, order_of(spec_of("replicate", "flux-dev"), edit()))
    assert api.jobs == []


async def test_a_check_tells_a_bad_token_from_a_good_one(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    assert (await replicate.check()).ok
    async with replicate_at(api, token="wrong") as stranger:
        assert (await stranger.check()).detail == "You did not pass a valid authentication token"


async def test_a_look_that_is_asked_for_cuts_the_pause_short(api: ReplicateEmulator) -> None:
    api.manual = True
    slow = replace(HURRY, first_pause=60.0, longest_pause=60.0, stuck=100.0)
    async with Replicate(SecretStr(api.key), api.url, frozenset(), slow, 0) as replicate:
        remote = await ordered(replicate, ORDER)
        look = asyncio.Event()
        async with asyncio.timeout(30):
            async for _ in replicate.follow(remote, look):
                api.finish(remote.id)
                look.set()
