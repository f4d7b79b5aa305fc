"""A real database in a file of its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from storage.database import SqlDatabase


@pytest.fixture
def url(tmp_path: Path) -> str:
    folder = tmp_path / "my data #1"
    folder.mkdir()
    return f"sqlite+aiosqlite:///{folder}/studio.db"


@pytest.fixture
async def database(url: str) -> AsyncGenerator[SqlDatabase]:
    async with SqlDatabase.open(url) as opened:
        yield opened
