"""An emulated fal.ai, and the settings that lead to it."""

from collections.abc import AsyncIterator

import pytest

from tests.emulators.fal import FalEmulator


@pytest.fixture
async def fal() -> AsyncIterator[FalEmulator]:
    async with FalEmulator() as emulator:
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
def paid(fal: FalEmulator) -> dict[str, str]:
    """Say where fal is, and that whoever asks in these tests may spend."""
    services = {f"FAL_{name}_URL": fal.url for name in ("QUEUE", "REST", "CDN", "API")}
    return {
        "FAL_KEY": fal.key,
        "NANO_BANANA_OPERATORS": "telegram:501,discord:2",
        **services,
    }
