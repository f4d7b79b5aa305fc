"""Real databases: a SQLite file of its own, and a new database on a PostgreSQL server."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from uuid import uuid4

import pytest

from storage.database import SqlDatabase
from tests.storage import postgres


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    folder = tmp_path / "my data #1"
    folder.mkdir()
    return f"sqlite+aiosqlite:///{folder}/studio.db"


@pytest.fixture(scope="session")
def postgres_socket() -> Generator[Path]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    with postgres.serving(programs) as socket:
        yield socket


@pytest.fixture
def postgres_url(postgres_socket: Path) -> str:
    return postgres.new_database(postgres_socket, f"studio_{uuid4().hex}")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def database(url: str) -> AsyncGenerator[SqlDatabase]:
    async with SqlDatabase.open(url) as opened:
        yield opened


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncGenerator[SqlDatabase]:
    async with SqlDatabase.open(sqlite_url) as opened:
        yield opened
