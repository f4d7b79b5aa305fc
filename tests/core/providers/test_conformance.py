"""What every provider promises the worker, asked of each of them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from core.errors import ImageWorkTooSlow
from core.images.worker import ImageWorker
from core.ports import Order, Provider
from core.providers.sketch import Sketch
from core.work import Task
from tests.core.providers.orders import (
    generation,
    make,
    order_of,
    ordered,
    spec_of,
    steps_of,
    work_for,
)
from tests.core.worker.workshop import market
from tests.emulators.pictures import size_of

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MODELS = {"fal": "flux-dev", "replicate": "flux-dev", "sketch": "sketch"}
EVERY = pytest.mark.parametrize("name", sorted(MODELS))


@asynccontextmanager
async def provider(name: str) -> AsyncGenerator[Provider]:
    if name == "sketch":
        async with ImageWorker() as worker:
            yield Sketch(worker)
    else:
        async with market(name) as shop:
            yield shop.adapter


def pair(name: str) -> Order:
    spec = spec_of(name, MODELS[name])
    return order_of(spec, generation(spec, seed=7, num_images=2))


@EVERY
async def test_as_many_pictures_as_were_ordered_come_in_the_size_that_was_ordered(
    name: str,
) -> None:
    async with provider(name) as here:
        order = pair(name)
        made = await make(here, order)
        size = order.work.width, order.work.height
        assert [size_of(data) for data in made.images] == [size, size]
        assert made.images[0] != made.images[1]
        assert (len(made.seeds), made.seeds[0], made.withheld) == (2, 7, 0)


@EVERY
async def test_a_picture_is_changed_and_keeps_its_size(name: str) -> None:
    async with provider(name) as here:
        spec = spec_of(name, MODELS[name])
        made = await make(here, order_of(spec, work_for(spec, Task.IMAGE_TO_IMAGE)))
        assert [size_of(data) for data in made.images] == [(512, 384)]


@EVERY
async def test_what_is_over_can_be_followed_and_fetched_once_more(name: str) -> None:
    """As after a restart: nothing is known but the remote job."""
    async with provider(name) as here:
        order = pair(name)
        remote = await ordered(here, order)
        await steps_of(here, remote)
        first = await here.result(remote, order)
        await steps_of(here, remote)
        again = await here.result(remote, order)
        assert (again.images, again.cost) == (first.images, first.cost)


@EVERY
async def test_preparing_takes_no_order(name: str) -> None:
    async with provider(name) as here:
        order = await here.prepare(pair(name))
        assert await here.find(order, LONG_AGO) == ()


@EVERY
async def test_cancelling_what_is_over_changes_nothing(name: str) -> None:
    async with provider(name) as here:
        order = pair(name)
        remote = await ordered(here, order)
        await steps_of(here, remote)
        assert not await here.cancel(remote)
        assert len((await here.result(remote, order)).images) == 2


@EVERY
async def test_what_nobody_signed_proves_nothing(name: str) -> None:
    async with provider(name) as here:
        assert await here.verify({}, b'{"request_id": "r"}', datetime.now(UTC)) is None


@EVERY
async def test_a_good_key_is_told_from_a_free_call(name: str) -> None:
    async with provider(name) as here:
        health = await here.check()
        assert health.ok, health.detail


async def test_a_sketch_that_takes_too_long_leaves_nothing_behind() -> None:
    async with ImageWorker(deadline=0.0) as worker:
        sketch, order = Sketch(worker), pair("sketch")
        remote = await sketch.order(order)
        with pytest.raises(ImageWorkTooSlow):
            await steps_of(sketch, remote)
        assert sketch.orders == sketch.drawn == {}
