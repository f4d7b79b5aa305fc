"""Brings a database to the newest schema, after a copy of what was there."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import StorageError
from storage.backup import copy_database
from storage.failures import told_as_storage_errors

SCRIPTS = Path(__file__).with_name("migrations")


async def bring_up_to_date(engine: AsyncEngine, scripts: Path = SCRIPTS) -> None:
    """Run the migrations that are due, all in one transaction; refuse a newer database."""
    with told_as_storage_errors():
        await _bring_up_to_date(engine, scripts)


async def _bring_up_to_date(engine: AsyncEngine, scripts: Path) -> None:
    known = revisions(scripts)
    async with engine.connect() as connection:
        found = await connection.run_sync(revision)
    if found == known[-1]:
        return
    if found and found not in known:
        raise StorageError("database_newer", found=found, known=known[-1])
    if found and engine.dialect.name == "sqlite":
        await asyncio.to_thread(_back_up, Path(str(engine.url.database)), found)
    async with engine.begin() as connection:
        await connection.run_sync(_migrate, scripts)


def revisions(scripts: Path = SCRIPTS) -> list[str]:
    """List the revisions by the files' names, oldest first: Alembic takes long to import."""
    return sorted(file.stem.split("_")[0] for file in (scripts / "versions").glob("*_*.py"))


def revision(connection: Connection) -> str:
    """Read the revision of a database; empty for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _back_up(file: Path, found: str) -> None:
    """Copy a SQLite file beside itself, whole or not at all."""
    copy = file.with_name(f"{file.name}.{found}.backup")
    draft = copy.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    copy_database(file, draft)
    draft.replace(copy)


def _migrate(connection: Connection, scripts: Path) -> None:
    from alembic import command, config  # noqa: PLC0415 - slow to import, and seldom needed

    settings = config.Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(scripts).replace("%", "%%"))
    command.upgrade(settings, "head")
