"""Orders for the tests of providers."""

import asyncio
import hashlib
from dataclasses import replace

from core.catalogue import ModelSpec, read_models
from core.job import Remote
from core.ports import Made, Order, Provider, Step
from core.work import Edit, Generation, Task, Work
from tests.emulators.pictures import picture

SOURCE = picture(512, 384, "png", 1)
MASK = picture(512, 384, "png", 2)


def spec_of(provider: str, name: str) -> ModelSpec:
    found = [one for one in read_models() if (one.provider, one.name) == (provider, name)]
    return found[0]


def generation(spec: ModelSpec, **fields: object) -> Generation:
    width, height = spec.size("1:1")
    work = Generation(
        prompt="a red fox in snow", width=width, height=height, aspect_ratio="1:1", seed=None
    )
    return replace(work, **fields)


def edit(**fields: object) -> Edit:
    work = Edit(
        image=name_of(SOURCE),
        prompt="make it night",
        width=512,
        height=384,
        aspect_ratio="4:3",
        seed=None,
    )
    return replace(work, **fields)


def work_for(spec: ModelSpec, task: Task) -> Work:
    match task:
        case Task.TEXT_TO_IMAGE:
            return generation(spec)
        case Task.IMAGE_TO_IMAGE:
            return edit()
        case Task.INPAINT:
            return edit(mask_image=name_of(MASK))
        case Task.UPSCALE:
            return edit(upscale_factor=2)


def order_of(spec: ModelSpec, work: Work) -> Order:
    return Order(
        job="k3v9qx2m7p",
        spec=spec,
        work=work,
        inputs={name_of(data): data for data in (SOURCE, MASK)},
    )


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def steps_of(provider: Provider, remote: Remote) -> list[Step]:
    return [step async for step in provider.follow(remote, asyncio.Event())]


async def ordered(provider: Provider, order: Order) -> Remote:
    """Prepare and order, as the worker does."""
    return await provider.order(await provider.prepare(order))


async def make(provider: Provider, order: Order) -> Made:
    """Go the whole way, as the worker does."""
    remote = await ordered(provider, order)
    await steps_of(provider, remote)
    return await provider.result(remote, order)
