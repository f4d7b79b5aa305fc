"""An order is told from all others in a provider's list by everything that was sent."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.catalogue import ModelSpec
from core.ports import Order
from core.work import Work
from tests.core.providers.orders import MASK, edit, generation, name_of, order_of, ordered, spec_of
from tests.core.worker.workshop import market
from tests.emulators.pictures import picture

EDITORS = {"fal": "flux-dev", "replicate": "flux-dev"}
NAMES = pytest.mark.parametrize("name", ["fal", "replicate"])
OTHER = picture(512, 384, "png", 9)


def before() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def variations(spec: ModelSpec, work: Work) -> list[Order]:
    """List orders that differ in one thing each."""
    changes = ({"seed": 8}, {"seed": None}, {"prompt": "a fox"}, {"num_images": 2})
    return [order_of(spec, replace(work, **change)) for change in changes]


@NAMES
async def test_an_order_is_found_by_all_that_was_sent(name: str) -> None:
    async with market(name) as shop:
        spec = spec_of(name, "flux-schnell")
        ours = order_of(spec, generation(spec, seed=7))
        for other in variations(spec, ours.work):
            await ordered(shop.adapter, other)
        assert await shop.adapter.find(ours, before()) == ()
        remotes = [await ordered(shop.adapter, ours) for _ in range(2)]
        found = await shop.adapter.find(ours, before())
        assert [one.id for one in found] == [one.id for one in remotes]
        assert found[0].urls == remotes[0].urls
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert await shop.adapter.find(ours, later) == ()


@NAMES
async def test_the_picture_that_was_sent_counts_not_its_address(name: str) -> None:
    spec = spec_of(name, EDITORS[name])
    async with market(name) as shop:
        ours = order_of(spec, edit(seed=7))
        sha256 = hashlib.sha256(OTHER).hexdigest()
        other = Order(job="j", spec=spec, work=edit(seed=7, image=sha256), inputs={sha256: OTHER})
        await ordered(shop.adapter, other)
        assert await shop.adapter.find(ours, before()) == ()
        remote = await ordered(shop.adapter, ours)
        assert [one.id for one in await shop.adapter.find(ours, before())] == [remote.id]
        assert name_of(MASK) != ours.work.prompt


@NAMES
async def test_a_remote_job_is_recognised_before_any_list_shows_it(name: str) -> None:
    async with market(name) as shop:
        shop.hide(looks=1000)
        spec = spec_of(name, "flux-schnell")
        ours = order_of(spec, generation(spec, seed=7))
        theirs = order_of(spec, generation(spec, seed=8))
        remote = await ordered(shop.adapter, ours)
        assert await shop.adapter.find(ours, before()) == ()
        assert await shop.adapter.recognise(ours, remote.id) == remote
        assert await shop.adapter.recognise(theirs, remote.id) is None


async def test_long_lists_are_read_to_the_end() -> None:
    async with market("replicate") as shop:
        spec = spec_of("replicate", "flux-schnell")
        ours = order_of(spec, generation(spec, seed=7))
        remote = await ordered(shop.adapter, ours)
        for _ in range(101):
            await ordered(shop.adapter, order_of(spec, generation(spec, seed=8)))
        assert [one.id for one in await shop.adapter.find(ours, before())] == [remote.id]
