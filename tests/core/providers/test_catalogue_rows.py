"""Every row of the catalogue is an input that its provider takes."""

from dataclasses import replace
from typing import Any

import pytest

from core.catalogue import Endpoint, ModelSpec, read_models
from core.ports import Order
from core.providers.fal import Fal
from core.providers.payload import payload
from core.providers.replicate import Replicate
from core.work import Task
from tests.core.providers.orders import make, order_of, work_for
from tests.emulators.models import FAL
from tests.emulators.replicate_models import REPLICATE
from tests.emulators.schema import Model, problems

ROWS = [
    (spec, task) for spec in read_models() if spec.provider != "sketch" for task in spec.endpoints
]
IDS = [f"{spec.provider}-{spec.name}-{task}" for spec, task in ROWS]
RATIOS = ("1:1", "3:2", "16:9", "9:21", "4:1", "1:4")
WISHES: dict[str, Any] = {
    "negative_prompt": "blur",
    "seed": 7,
    "strength": 0.5,
    "guidance_scale": 4.0,
}


def model_of(spec: ModelSpec, endpoint: Endpoint) -> Model:
    return (FAL if spec.provider == "fal" else REPLICATE)[endpoint.path.removesuffix(":latest")]


def fullest(spec: ModelSpec, task: Task) -> Order:
    """Order with every field set that the row accepts, at the end of its range where it has one."""
    endpoint = spec.endpoints[task]
    steps = model_of(spec, endpoint).fields.get("num_inference_steps")
    ends = {
        "num_images": spec.max_images,
        "num_inference_steps": int(steps.high or 1) if steps else 1,
    }
    wishes = {**WISHES, **ends}
    fields = {name: wishes[name] for name in endpoint.accepts}
    return order_of(spec, replace(work_for(spec, task), **fields))


@pytest.mark.parametrize(("spec", "task"), ROWS, ids=IDS)
async def test_a_row_is_taken_with_every_field_it_accepts(
    spec: ModelSpec, task: Task, fal: Fal, replicate: Replicate
) -> None:
    order = fullest(spec, task)
    assert spec.lacks(order.work) is None
    made = await make(fal if spec.provider == "fal" else replicate, order)
    assert len(made.images) == order.work.num_images
    assert spec.price(order.work) > 0


@pytest.mark.parametrize(("spec", "task"), ROWS, ids=IDS)
def test_a_row_names_only_sizes_that_its_provider_takes(spec: ModelSpec, task: Task) -> None:
    endpoint = spec.endpoints[task]
    model = model_of(spec, endpoint)
    for ratio in spec.aspect_ratios or RATIOS:
        width, height = spec.size(ratio)
        work = replace(work_for(spec, task), width=width, height=height, aspect_ratio=ratio)
        given = payload(
            spec, work, dict.fromkeys(order_of(spec, work).inputs, "https://x.test/a.png")
        )
        assert problems(model, given) == []


@pytest.mark.parametrize(("spec", "task"), ROWS, ids=IDS)
def test_a_row_keeps_the_safety_checker_on_wherever_there_is_one(
    spec: ModelSpec, task: Task
) -> None:
    endpoint = spec.endpoints[task]
    fields = model_of(spec, endpoint).fields
    assert endpoint.fixed.get("enable_safety_checker") is (
        True if "enable_safety_checker" in fields else None
    )
    assert endpoint.fixed.get("disable_safety_checker") is (
        False if "disable_safety_checker" in fields else None
    )
    assert ("safety_tolerance" in fields) == ("safety_tolerance" in endpoint.fixed)


def test_the_default_is_a_cheap_model_with_a_key_and_the_sketch_without() -> None:
    first = {spec.provider: spec.name for spec in reversed(read_models())}
    assert first == {"fal": "flux-schnell", "replicate": "flux-schnell", "sketch": "sketch"}
    assert read_models()[-1].name == "sketch"
