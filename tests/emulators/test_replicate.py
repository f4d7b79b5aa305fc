"""Replicate's own client, unchanged, accepts the emulator; and the emulator is as strict."""

import functools
import io
import json
import zipfile
from collections.abc import AsyncIterator

import httpx
import pytest
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.webhook import Webhooks, WebhookSigningSecret

from tests.emulators.ear import Ear
from tests.emulators.pictures import picture, size_of
from tests.emulators.replicate import ReplicateEmulator

SCHNELL = "black-forest-labs/flux-schnell"
ORDER = {"prompt": "a red fox", "seed": 7, "num_outputs": 2, "megapixels": "0.25"}


@pytest.fixture
async def emulator() -> AsyncIterator[ReplicateEmulator]:
    async with ReplicateEmulator() as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: ReplicateEmulator) -> AsyncIterator[Client]:
    client = Client(api_token=emulator.key, base_url=emulator.url)
    yield client
    await client._async_client.aclose()


@pytest.fixture
async def http(emulator: ReplicateEmulator) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {emulator.key}"}
    async with httpx.AsyncClient(base_url=emulator.url, headers=headers, trust_env=False) as http:
        yield http


async def fetch(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(url)


async def test_the_real_client_waits_for_its_pictures(
    emulator: ReplicateEmulator, client: Client
) -> None:
    emulator.run_seconds = 0.02
    made = await client.models.predictions.async_create(SCHNELL, ORDER, wait=5)
    assert isinstance(made.output, list)
    contents = [(await fetch(url)).content for url in made.output]

    assert (made.status, made.version) == ("succeeded", "hidden")
    assert [size_of(content) for content in contents] == [(512, 512), (512, 512)]
    assert contents[1] == picture(512, 512, "webp", 8)
    assert made.progress is not None
    assert emulator.bills == {made.id: 6_000}
    assert emulator.broken_rules == []


async def test_a_window_that_ends_first_leaves_a_job_to_follow_and_cancel(
    emulator: ReplicateEmulator, client: Client, http: httpx.AsyncClient
) -> None:
    emulator.manual = True
    emulator.fault("create", "window_ends", times=2)
    made = await client.models.predictions.async_create(SCHNELL, ORDER, wait=50)
    raw = await http.post(
        f"/v1/models/{SCHNELL}/predictions", json={"input": ORDER}, headers={"Prefer": "wait=50"}
    )
    emulator.advance(made.id, "running", " 25%|##  | 7/28")
    running = await client.predictions.async_get(made.id)
    cancelled = await client.predictions.async_cancel(made.id)
    emulator.finish(made.id)

    assert (made.status, raw.status_code) == ("starting", 202)
    assert (running.status, running.logs) == ("processing", " 25%|##  | 7/28")
    assert cancelled.status == "canceled"
    assert emulator.bills == {}


async def test_a_face_is_trained_into_a_private_model_that_then_draws(
    emulator: ReplicateEmulator, client: Client
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as photos:
        photos.writestr("1.jpg", picture(64, 64, "jpeg"))
    upload = await client.files.async_create(archive, filename="photos.zip")
    trainer = await client.models.async_get("ostris/flux-dev-lora-trainer")
    assert trainer.latest_version is not None
    order = {"input_images": upload.urls["get"], "trigger_word": "OHWX", "steps": 1000}
    train = functools.partial(
        client.trainings.async_create,
        trainer,
        trainer.latest_version,
        order,
        destination="tester/face",
    )
    with pytest.raises(ReplicateError) as nowhere:
        await train()
    await client.models.async_create("tester", "face", visibility="private", hardware="gpu-t4")
    training = await train()
    done = await client.trainings.async_get(training.id)
    assert isinstance(done.output, dict)
    made = await client.predictions.async_create(
        version=done.output["version"].split(":")[1], input={"prompt": "OHWX on the moon"}
    )

    assert nowhere.value.status == 404
    assert (training.status, done.status) == ("starting", "succeeded")
    assert (await fetch(done.output["weights"])).status_code == 200
    assert (await client.predictions.async_get(made.id)).model == "tester/face"
    assert emulator.bills == {training.id: 1_500_000, made.id: 25_000}
    assert emulator.broken_rules == []


async def test_an_uploaded_file_is_listed_used_and_deleted(
    emulator: ReplicateEmulator, client: Client
) -> None:
    content = picture(300, 200, "jpeg")
    upload = await client.files.async_create(io.BytesIO(content), filename="photo.jpg")
    edit = {"prompt": "make it night", "input_image": upload.urls["get"]}
    model = "black-forest-labs/flux-kontext-pro"
    made = await client.models.predictions.async_create(model, edit, wait=5)
    assert isinstance(made.output, str)
    listed = [file.id for file in await client.files.async_list()]
    deleted = await client.files.async_delete(upload.id)

    assert (upload.name, upload.content_type, upload.size) == (
        "photo.jpg",
        "image/jpeg",
        len(content),
    )
    assert size_of((await fetch(made.output)).content) == (300, 200)
    assert (listed, deleted, emulator.files.kept) == ([upload.id], True, {})


async def test_a_signed_call_back_is_valid_and_a_forged_one_is_not(
    emulator: ReplicateEmulator, client: Client
) -> None:
    secret = await client.webhooks.default.async_secret()
    emulator.fault("webhook", "bad_signature")
    async with Ear(enough=3) as ear:
        for events in (["completed"], ["start", "completed"]):
            hook = {"webhook": f"{ear.url}/hook", "webhook_events_filter": events}
            await client.models.predictions.async_create(SCHNELL, ORDER, **hook)  # pyright: ignore[reportArgumentType]
        await ear.heard()
    bodies = [(dict(call.headers), call.body.decode()) for call in ear.calls]
    states = sorted(json.loads(body)["status"] for _, body in bodies)
    valid = [_valid(headers, body, secret) for headers, body in bodies]

    assert states == ["starting", "succeeded", "succeeded"]
    assert sorted(valid) == [False, True, True]


def _valid(headers: dict[str, str], body: str, secret: WebhookSigningSecret) -> bool:
    try:
        Webhooks.validate(headers=headers, body=body, secret=secret, tolerance=300)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"promt": "x"}, "additional_property_not_allowed"),
        ({"num_outputs": 5}, "number_lte"),
        ({"num_outputs": "2"}, "invalid_type"),
        ({"output_format": "gif"}, "enum"),
    ],
)
async def test_a_wrong_input_is_refused_and_costs_nothing(
    emulator: ReplicateEmulator, http: httpx.AsyncClient, change: dict[str, object], kind: str
) -> None:
    path = f"/v1/models/{SCHNELL}/predictions"
    answer = await http.post(path, json={"input": {**ORDER, **change}})

    assert (answer.status_code, answer.json()["title"]) == (422, "Input validation failed")
    assert [field["type"] for field in answer.json()["invalid_fields"]] == [kind]
    assert emulator.jobs == []


async def test_a_wrong_wait_a_foreign_scheme_and_a_sent_token_break_rules(
    emulator: ReplicateEmulator, http: httpx.AsyncClient
) -> None:
    path, body = f"/v1/models/{SCHNELL}/predictions", {"input": ORDER}
    long = await http.post(path, json=body, headers={"Prefer": "wait=61"})
    scheme = await http.post(path, json=body, headers={"Authorization": "Token x"})
    made = (await http.post(path, json=body, headers={"Prefer": "wait"})).json()
    await http.get(made["output"][0])

    assert (long.status_code, scheme.status_code) == (400, 401)
    assert [rule.split(":")[0] for rule in emulator.broken_rules] == [
        "Prefer",
        f"POST {path}",
        "the token was sent to the file host",
    ]


async def test_the_newest_predictions_are_listed_page_by_page(
    emulator: ReplicateEmulator, http: httpx.AsyncClient
) -> None:
    path = f"/v1/models/{SCHNELL}/predictions"
    for seed in range(101):
        await http.post(path, json={"input": {"prompt": "x", "seed": seed}})
    first = (await http.get("/v1/predictions?created_after=2020-01-01T00:00:00Z")).json()
    second = (await http.get(first["next"])).json()
    later = (await http.get("/v1/predictions?created_after=2999-01-01T00:00:00Z")).json()

    assert [one["input"]["seed"] for one in first["results"]] == list(range(100, 0, -1))
    assert [one["input"]["seed"] for one in second["results"]] == [0]
    assert (second["next"], later["results"]) == (None, [])


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        ("aborted", "status", "aborted"),
        ("null_version", "version", None),
        ("output_null", "output", None),
        ("zero", "output", []),
        ("data_removed", "data_removed", True),
        ("error_object", "error", {"code": "E1000"}),
    ],
)
async def test_a_body_can_take_every_shape_that_the_service_is_known_to_send(
    emulator: ReplicateEmulator, http: httpx.AsyncClient, fault: str, field: str, value: object
) -> None:
    emulator.fault("result", fault)
    made = (await http.post(f"/v1/models/{SCHNELL}/predictions", json={"input": ORDER})).json()

    assert (await http.get(made["urls"]["get"])).json()[field] == value


async def test_flagged_pictures_fail_the_prediction_or_go_missing(
    emulator: ReplicateEmulator, client: Client
) -> None:
    emulator.fault("result", "nsfw")
    emulator.fault("result", "fewer")
    refused = await client.models.predictions.async_create(SCHNELL, ORDER, wait=5)
    fewer = await client.models.predictions.async_create(SCHNELL, ORDER, wait=5)

    assert refused.status == "failed"
    assert "NSFW" in (refused.error or "")
    assert isinstance(fewer.output, list)
    assert len(fewer.output) == 1
    assert emulator.bills == {fewer.id: 3_000}


async def test_a_refusal_speaks_as_the_service_does_and_a_lost_answer_is_one_job(
    emulator: ReplicateEmulator, client: Client, http: httpx.AsyncClient
) -> None:
    emulator.fault("create", "status", code=402)
    emulator.fault("create", "status", code=429, retry_after=30)
    emulator.fault("create", "accept_then_drop")
    with pytest.raises(ReplicateError) as broke:
        await client.models.predictions.async_create(SCHNELL, ORDER)
    throttled = await http.post(f"/v1/models/{SCHNELL}/predictions", json={"input": ORDER})
    with pytest.raises(httpx.RemoteProtocolError):
        await client.models.predictions.async_create(SCHNELL, ORDER)

    assert broke.value.title == "Payment Required"
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "30")
    assert len(emulator.jobs) == 1


async def test_an_order_that_may_not_grow_old_is_aborted_before_it_starts(
    emulator: ReplicateEmulator, http: httpx.AsyncClient
) -> None:
    emulator.manual = True
    made = await http.post(
        f"/v1/models/{SCHNELL}/predictions",
        json={"input": ORDER},
        headers={"Cancel-After": "0s", "Prefer": "wait=5"},
    )

    assert (made.status_code, made.json()["status"]) == (201, "aborted")
    assert emulator.bills == {}


async def test_what_retention_removed_is_gone_while_its_bill_stays(
    emulator: ReplicateEmulator, client: Client, http: httpx.AsyncClient
) -> None:
    made = await client.models.predictions.async_create(SCHNELL, ORDER, wait=5)
    assert isinstance(made.output, list)
    emulator.forget(made.id)
    later = (await http.get(f"/v1/predictions/{made.id}")).json()

    assert (later["output"], later["data_removed"]) == (None, True)
    assert (await fetch(made.output[0])).status_code == 404
    assert emulator.billed == 6_000
