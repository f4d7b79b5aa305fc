"""The emulated fal, and a studio that orders from it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.money.desk import Desk, desk_at
from tests.emulators.fal import FalEmulator


@pytest.fixture
async def falai() -> AsyncIterator[FalEmulator]:
    async with FalEmulator() as emulator:
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
async def desk(falai: FalEmulator, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, falai) as opened:
        yield opened
