"""The schema: the same by migrations and by tables, and never moved without a copy."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from core.budget import EVERYONE, Period
from core.errors import StorageError
from storage.chain import first_break
from storage.columns import EPOCH
from storage.database import SqlDatabase
from storage.migrate import SCRIPTS, bring_up_to_date, revisions
from storage.tables import metadata
from tests.storage.samples import NOW, ask

SCHEMAS = Path(__file__).with_name("schemas")
"""Dumps of databases as each schema left them."""

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


def load(dump: Path, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump.read_text())


def file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


async def test_migrations_make_exactly_the_tables(sqlite_url: str, tmp_path: Path) -> None:
    async with SqlDatabase.open(sqlite_url) as sqlite, sqlite.writer.connect() as connection:

        def differences(plain: Connection) -> list[object]:
            return compare_metadata(MigrationContext.configure(plain), metadata)

        assert await connection.run_sync(differences) == []
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/plain.db")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    assert schema(file_of(sqlite_url)) == schema(tmp_path / "plain.db")


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


async def test_an_older_database_is_copied_before_it_is_migrated(
    sqlite_url: str, tmp_path: Path
) -> None:
    scripts = with_next(tmp_path / "scripts", "SELECT 1")
    async with SqlDatabase.open(sqlite_url) as sqlite:
        async with sqlite.transaction() as tx:
            await tx.inbox.put([ask(1)], NOW)
        await bring_up_to_date(sqlite.writer, scripts)
    assert "made_by_9000" in schema(file_of(sqlite_url))
    (copy,) = file_of(sqlite_url).parent.glob("*.backup")
    async with SqlDatabase.open(f"sqlite+aiosqlite:///{copy}") as backup, backup.reading() as tx:
        assert await tx.inbox.waiting() == (ask(1),)


def test_every_earlier_schema_is_kept_to_try_the_way_from_it() -> None:
    assert {file.stem for file in SCHEMAS.glob("*.sql")} >= set(revisions()[:-1])


@pytest.mark.parametrize("dump", sorted(SCHEMAS.glob("*.sql")), ids=lambda file: file.stem)
async def test_a_database_of_an_earlier_schema_is_copied_and_brought_up_to_date(
    sqlite_url: str, dump: Path
) -> None:
    load(dump, file_of(sqlite_url))
    async with SqlDatabase.open(sqlite_url) as database, database.reading() as tx:
        assert len(await tx.inbox.waiting()) == 1
        assert [one.id for one in await tx.jobs.open(["telegram"])] == ["job2"]
        assert [one.sha256 for one in await tx.pictures.of_job("job1")] == ["ab" * 32]
        assert [one.job for one in await tx.outbox.due(NOW, ["telegram"], 9)] == ["job1"]
        assert await tx.ledger.sums([(EVERYONE, Period.DAY)], NOW) == (30_000,)
        async with database.writer.connect() as connection:
            assert await first_break(connection) is None
    copies = [copy.name for copy in file_of(sqlite_url).parent.glob("*.backup")]
    assert copies == ([] if dump.stem == revisions()[-1] else [f"studio.db.{dump.stem}.backup"])


async def test_a_failed_migration_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    scripts = with_next(tmp_path / "scripts", "INSERT INTO nowhere VALUES (1)")
    async with SqlDatabase.open(sqlite_url) as database:
        before = schema(file_of(sqlite_url))
        with pytest.raises(StorageError) as caught:
            await bring_up_to_date(database.writer, scripts)
    assert caught.value.key == "error.database_broken"
    assert schema(file_of(sqlite_url)) == before


ROW = """
INSERT INTO jobs VALUES (
    'j', 'web:1', 0, 'web', 'home', '', '{"chat": {"platform": "web", "id": "home"}}', 'web', 'o',
    '', 'en', 'fal', 'm', '{"prompt": "x", "width": 1, "height": 1, "aspect_ratio": "1:1",
    "seed": 1, "kind": "generation"}', 9, 5, 'in_doubt', 0, '', '{"id": "r1", "urls": {}}', NULL,
    '', '{}', 0, '', 7);
"""


async def test_jobs_from_before_keep_their_remote_and_their_doubt(sqlite_url: str) -> None:
    load(SCHEMAS / "0001.sql", file_of(sqlite_url))
    with closing(sqlite3.connect(file_of(sqlite_url))) as connection:
        connection.executescript(ROW)
    async with SqlDatabase.open(sqlite_url) as database, database.reading() as tx:
        job = await tx.jobs.with_remote("fal", "r1")
        assert job is not None
        assert job.doubted_at == EPOCH + timedelta(microseconds=7)
        assert job.finished_at is None
        assert job in await tx.jobs.open(["web"])


async def test_an_order_under_way_from_before_orders_were_dated_is_not_sent_again(
    sqlite_url: str,
) -> None:
    load(SCHEMAS / "0001.sql", file_of(sqlite_url))
    with closing(sqlite3.connect(file_of(sqlite_url))) as connection:
        connection.execute("UPDATE jobs SET status = 'submitting' WHERE id = 'job2'")
        connection.commit()
    async with SqlDatabase.open(sqlite_url) as database, database.reading() as tx:
        (job,) = await tx.jobs.open(["telegram"])
        assert not job.unordered
