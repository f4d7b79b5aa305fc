"""Our adapters against emulated providers, in a hurry."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from core.providers.fal import Fal, FalHosts
from core.providers.patience import Patience
from tests.emulators.fal import FalEmulator

HURRY = Patience(
    order=1.0,
    call=1.0,
    upload=5.0,
    download=1.0,
    silence=0.3,
    stuck=5.0,
    first_pause=0.01,
    longest_pause=0.05,
)


def fal_at(url: str, key: str = FalEmulator.key, patience: Patience = HURRY) -> Fal:
    """Build the adapter for an emulator."""
    hosts = FalHosts(queue=url, rest=url, cdn=url, api=url)
    return Fal(SecretStr(key), hosts, frozenset(), patience)


@pytest.fixture
async def service() -> AsyncIterator[FalEmulator]:
    async with FalEmulator() as emulator:
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
async def fal(service: FalEmulator) -> AsyncIterator[Fal]:
    async with fal_at(service.url) as adapter:
        yield adapter
