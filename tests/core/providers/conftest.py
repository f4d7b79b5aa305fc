"""Our adapters against emulated providers, in a hurry."""

from collections.abc import AsyncIterator

import pytest

from core.providers.fal import Fal
from core.providers.replicate import Replicate
from tests.core.providers.adapters import fal_at, replicate_at
from tests.emulators.fal import FalEmulator
from tests.emulators.replicate import ReplicateEmulator


@pytest.fixture
async def falai() -> AsyncIterator[FalEmulator]:
    async with FalEmulator() as emulator:
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
async def fal(falai: FalEmulator) -> AsyncIterator[Fal]:
    async with fal_at(falai.url) as adapter:
        yield adapter


@pytest.fixture
async def api() -> AsyncIterator[ReplicateEmulator]:
    async with ReplicateEmulator() as emulator:
        yield emulator
        assert emulator.broken_rules == []
        assert emulator.delivery.broken_rules == []


@pytest.fixture
async def replicate(api: ReplicateEmulator) -> AsyncIterator[Replicate]:
    async with replicate_at(api) as adapter:
        yield adapter
