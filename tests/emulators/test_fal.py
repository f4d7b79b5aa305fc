"""fal's own client, unchanged, accepts the emulator; and the emulator is as strict as fal."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import fal_client
import httpx
import pytest
from fal_client import client as fal_globals
from httpx_sse import aconnect_sse

from tests.emulators.fal import FalEmulator
from tests.emulators.pictures import picture, size_of

SCHNELL = "fal-ai/flux/schnell"
ORDER = {"prompt": "a red fox in snow", "seed": 7, "image_size": "square", "output_format": "png"}


@pytest.fixture
async def fal() -> AsyncIterator[FalEmulator]:
    async with FalEmulator() as emulator:
        yield emulator


@pytest.fixture
async def client(
    fal: FalEmulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[fal_client.AsyncClient]:
    monkeypatch.setattr(fal_globals, "QUEUE_URL_FORMAT", f"{fal.url}/")
    monkeypatch.setattr(fal_globals, "REST_URL", fal.url)
    monkeypatch.setattr(fal_globals, "CDN_URL", fal.url)
    client = fal_client.AsyncClient(key=fal.key)
    yield client
    await (await client._client).aclose()


@pytest.fixture
async def http(fal: FalEmulator) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Key {fal.key}"}
    async with httpx.AsyncClient(base_url=fal.url, headers=headers, trust_env=False) as http:
        yield http


async def fetch(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(url)


async def test_the_real_client_orders_follows_and_fetches_a_picture(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    handle = await client.submit(SCHNELL, ORDER)
    assert isinstance(await handle.status(with_logs=True), fal_client.Completed)
    result = await handle.get()
    content = (await fetch(result["images"][0]["url"])).content

    assert result["seed"] == 7
    assert result["has_nsfw_concepts"] == [False]
    assert size_of(content) == (512, 512) == (result["images"][0]["width"], 512)
    assert content == picture(512, 512, "png", 7)
    assert fal.bills == {handle.request_id: 3_000}
    assert fal.broken_rules == []


async def test_the_real_client_sees_the_queue_move_and_finds_a_request_again(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    fal.manual = True
    first, second = [await client.submit(SCHNELL, ORDER) for _ in range(2)]
    assert await second.status() == fal_client.Queued(position=1)
    fal.advance(first.request_id, "running", " 25%|##  | 7/28")
    progress = await first.status(with_logs=True)
    assert isinstance(progress, fal_client.InProgress)
    assert progress.logs is not None
    assert progress.logs[0]["message"] == " 25%|##  | 7/28"
    fal.finish(first.request_id)
    again = await client.get_handle(SCHNELL, first.request_id)

    assert isinstance(await again.status(), fal_client.Completed)
    assert (await again.get())["seed"] == 7
    assert fal.broken_rules == []


async def test_a_cancelled_request_ends_without_a_bill_and_cannot_be_cancelled_twice(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    fal.manual = True
    handle = await client.submit(SCHNELL, ORDER)
    await handle.cancel()
    with pytest.raises(fal_client.FalClientHTTPError) as twice:
        await handle.cancel()
    with pytest.raises(fal_client.FalClientHTTPError) as result:
        await handle.get()

    assert (twice.value.status_code, result.value.status_code) == (400, 499)
    assert fal.bills == {}


@pytest.mark.parametrize("fallback", [False, True])
async def test_an_upload_becomes_an_input_picture(
    fal: FalEmulator,
    client: fal_client.AsyncClient,
    fallback: bool,  # noqa: FBT001 - a test parameter
) -> None:
    if fallback:
        fal.fault("upload", "status", code=500)
    url = await client.upload(picture(320, 200, "jpeg"), "image/jpeg", "photo.jpg")
    edit = {"prompt": "make it night", "image_url": url, "strength": 0.8}
    result = await (await client.submit("fal-ai/flux/dev/image-to-image", edit)).get()

    assert (result["images"][0]["width"], result["images"][0]["height"]) == (320, 200)
    assert fal.broken_rules == []


async def test_an_upload_in_parts_arrives_whole(
    fal: FalEmulator, client: fal_client.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fal_globals, "MULTIPART_THRESHOLD", 1000)
    monkeypatch.setattr(fal_globals, "MULTIPART_CHUNK_SIZE", 1000)
    content = picture(200, 200)
    url = await client.upload(content, "image/png", "photo.png")

    assert len(fal.called("PUT", "/multipart/")) == -(-len(content) // 1000)
    assert (await fetch(url)).content == content
    assert fal.broken_rules == []


async def test_the_status_stream_tells_each_change_and_each_line_once(
    fal: FalEmulator, http: httpx.AsyncClient
) -> None:
    fal.manual = True
    fal.ping_seconds = 0.01
    receipt = (await http.post(f"/{SCHNELL}", json=ORDER)).json()
    seen: list[dict[str, Any]] = []
    url = receipt["status_url"] + "/stream?logs=1"
    async with aconnect_sse(http, "GET", url) as source:
        async for event in source.aiter_sse():
            seen.append(json.loads(event.data))
            if len(seen) == 1:
                fal.advance(receipt["request_id"], "running", "one")
            elif len(seen) == 2:
                fal.advance(receipt["request_id"], "running", "two")
            elif len(seen) == 3:
                fal.finish(receipt["request_id"])

    assert [body["status"] for body in seen] == [
        "IN_QUEUE",
        "IN_PROGRESS",
        "IN_PROGRESS",
        "COMPLETED",
    ]
    lines = [line["message"] for body in seen[1:] for line in body["logs"]]
    assert lines == ["one", "two"]
    assert fal.broken_rules == []


async def test_a_cut_stream_is_an_error_and_an_awkward_one_is_still_read(
    fal: FalEmulator, http: httpx.AsyncClient
) -> None:
    receipt = (await http.post(f"/{SCHNELL}", json=ORDER)).json()
    fal.fault("stream", "cut_after", events=0)
    fal.fault("stream", "awkward")
    url = receipt["status_url"] + "/stream"
    with pytest.raises(httpx.RemoteProtocolError):
        async with aconnect_sse(http, "GET", url) as source:
            assert [event async for event in source.aiter_sse()] == []
    async with aconnect_sse(http, "GET", url) as source:
        events = [event.json() async for event in source.aiter_sse()]

    assert [event["status"] for event in events] == ["COMPLETED"]


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"promt": "x"}, "extra_forbidden", "promt"),
        ({"prompt": None}, "string_type", "prompt"),
        ({"num_images": 5}, "less_than_equal", "num_images"),
        ({"num_images": True}, "integer_type", "num_images"),
        ({"image_size": "huge"}, "literal_error", "image_size"),
        ({"image_size": {"width": 0}}, "greater_than_equal", "image_size"),
        ({"output_format": "gif"}, "literal_error", "output_format"),
    ],
)
async def test_a_wrong_input_is_refused_and_costs_nothing(
    fal: FalEmulator, http: httpx.AsyncClient, change: dict[str, object], kind: str, field: str
) -> None:
    answer = await http.post(f"/{SCHNELL}", json={**ORDER, **change})

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["type"] == kind
    assert answer.json()["detail"][0]["loc"][:2] == ["body", field]
    assert fal.jobs == []


async def test_a_late_check_takes_the_order_and_refuses_in_the_result(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    fal.late_validation = True
    handle = await client.submit(SCHNELL, {"promt": "x"})
    status = await handle.status()
    with pytest.raises(fal_client.FalClientHTTPError) as refused:
        await handle.get()

    assert isinstance(status, fal_client.Completed)
    assert status.error == "Invalid status code: 422"
    assert refused.value.status_code == 422
    assert fal.bills == {}


async def test_the_client_that_submits_by_itself_pays_again_for_a_lost_answer(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    fal.fault("submit", "accept_then_drop", times=2)
    await client.submit(SCHNELL, ORDER)

    assert len(fal.jobs) == 3


async def test_a_blanked_picture_is_black_flagged_and_paid(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    fal.fault("result", "nsfw_black")
    fal.fault("result", "nsfw")
    fal.fault("result", "fewer")
    blanked = await (await client.submit(SCHNELL, ORDER)).get()
    with pytest.raises(fal_client.FalClientHTTPError) as refused:
        await (await client.submit(SCHNELL, ORDER)).get()
    fewer = await (await client.submit(SCHNELL, {**ORDER, "num_images": 3})).get()

    assert blanked["has_nsfw_concepts"] == [True]
    assert refused.value.response.json()["detail"][0]["type"] == "content_policy_violation"
    assert [image["width"] for image in fewer["images"]] == [512, 512]
    assert fal.billed == 9_000


async def test_files_come_in_ranges_and_spoilt_ones_as_told(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    result = await (await client.submit(SCHNELL, ORDER)).get()
    url = result["images"][0]["url"]
    for name in ("truncated", "zero", "wrong_type", "lying_length"):
        fal.fault("file", name)
    with pytest.raises(httpx.RemoteProtocolError):
        await fetch(url)
    zero, html, half = [await fetch(url) for _ in range(3)]
    async with httpx.AsyncClient(trust_env=False) as http:
        part = await http.get(url, headers={"Range": "bytes=0-7"})

    assert (zero.content, html.headers["content-type"]) == (b"", "text/html; charset=utf-8")
    assert 0 < len(half.content) < len(picture(512, 512, "png", 7))
    assert (part.status_code, part.content) == (206, b"\x89PNG\r\n\x1a\n")


async def test_a_foreign_scheme_a_kept_sub_path_and_a_sent_key_break_rules(
    fal: FalEmulator, http: httpx.AsyncClient
) -> None:
    receipt = (await http.post(f"/{SCHNELL}", json=ORDER)).json()
    bearer = await http.post(f"/{SCHNELL}", json=ORDER, headers={"Authorization": "Bearer x"})
    kept = await http.get(f"/{SCHNELL}/requests/{receipt['request_id']}/status")
    result = (await http.get(receipt["response_url"])).json()
    await http.get(result["images"][0]["url"])

    assert (bearer.status_code, kept.status_code) == (401, 405)
    assert [rule.split(":")[0] for rule in fal.broken_rules] == [
        f"POST /{SCHNELL}",
        "no such route",
        "the key was sent to the file host",
    ]


async def test_an_unclear_order_is_found_again_by_its_input(
    fal: FalEmulator, http: httpx.AsyncClient
) -> None:
    fal.fault("submit", "accept_then_drop")
    with pytest.raises(httpx.RemoteProtocolError):
        await http.post(f"/{SCHNELL}", json=ORDER)
    query = {"endpoint_id": SCHNELL, "expand": "payloads"}
    found = (await http.get("/v1/models/requests/by-endpoint", params=query)).json()["items"]
    prices = (await http.get("/v1/models/pricing", params={"endpoint_id": SCHNELL})).json()
    billing = (await http.get("/v1/account/billing")).json()

    assert [(item["request_id"], item["json_input"]) for item in found] == [(fal.jobs[0].id, ORDER)]
    assert prices["prices"][0]["unit_price"] == 0.003
    assert billing["credits"]["current_balance"] == 24.997


async def test_only_as_many_run_at_once_as_the_account_allows(
    fal: FalEmulator, client: fal_client.AsyncClient
) -> None:
    fal.concurrency = 1
    fal.run_seconds = 0.05
    handles = [await client.submit(SCHNELL, ORDER) for _ in range(3)]
    states = [job.state for job in fal.jobs]
    await asyncio.gather(*(handle.get(interval=0.01) for handle in handles))

    assert states == ["running", "queued", "queued"]
    assert len(fal.bills) == 3
