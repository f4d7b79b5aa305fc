"""The schema: the same by migrations and by tables, and never moved without a copy."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from core.errors import StorageError
from storage.database import SqlDatabase
from storage.migrate import SCRIPTS, bring_up_to_date, revisions
from storage.tables import metadata
from tests.storage.samples import NOW, ask

NEXT = """
from alembic import op

revision = "{name}"
down_revision = "{before}"

def upgrade():
    op.execute("CREATE TABLE made_by_{name} (id INTEGER)")
    op.execute("{then}")
"""


def schema(file: Path) -> dict[str, str]:
    """Read what every table and index was made by, without spaces."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql <> ''"
        ).fetchall()
    return {name: "".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


async def test_migrations_make_exactly_the_tables(url: str, tmp_path: Path) -> None:
    async with SqlDatabase.open(url) as database, database.writer.connect() as connection:

        def differences(plain: Connection) -> list[object]:
            return compare_metadata(MigrationContext.configure(plain), metadata)

        assert await connection.run_sync(differences) == []
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/plain.db")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    assert schema(file_of(url)) == schema(tmp_path / "plain.db")


def test_the_newest_file_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == revisions()[-1]


async def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    async with SqlDatabase.open(url) as database, database.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError) as caught:
        async with SqlDatabase.open(url):
            pytest.fail("opened")
    assert caught.value.key == "error.database_newer"
    assert caught.value.values == {"found": "9999", "known": revisions()[-1]}


def with_next(scripts: Path, then: str) -> Path:
    """Copy the migrations and add one."""
    shutil.copytree(SCRIPTS, scripts)
    script = NEXT.format(name="9000", before=revisions()[-1], then=then)
    (scripts / "versions" / "9000_next.py").write_text(script)
    return scripts


async def test_an_older_database_is_copied_before_it_is_migrated(url: str, tmp_path: Path) -> None:
    scripts = with_next(tmp_path / "scripts", "SELECT 1")
    async with SqlDatabase.open(url) as database:
        async with database.transaction() as tx:
            await tx.inbox.put([ask(1)], NOW)
        await bring_up_to_date(database.writer, scripts)
    assert "made_by_9000" in schema(file_of(url))
    (copy,) = file_of(url).parent.glob("*.backup")
    async with SqlDatabase.open(f"sqlite+aiosqlite:///{copy}") as backup, backup.reading() as tx:
        assert await tx.inbox.waiting() == (ask(1),)


async def test_a_failed_migration_changes_nothing(url: str, tmp_path: Path) -> None:
    scripts = with_next(tmp_path / "scripts", "INSERT INTO nowhere VALUES (1)")
    async with SqlDatabase.open(url) as database:
        before = schema(file_of(url))
        with pytest.raises(StorageError) as caught:
            await bring_up_to_date(database.writer, scripts)
    assert caught.value.key == "error.database_broken"
    assert schema(file_of(url)) == before
