"""Finding damage: in the database's file, in what its rows say, and in the pictures they name."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from types import MappingProxyType

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.errors import StorageError
from storage.chain import first_break, has_seal
from storage.database import reader
from storage.failures import told_as_storage_errors
from storage.finding import Finding
from storage.images import Images
from storage.migrate import revision, revisions
from storage.tables import pictures, uploads

RESTORE = "Stop the studio and restore a backup: nano-banana restore DIR."
CUT_OFF = "Restore it; or delete it, if you went back to an older one on purpose."


async def findings(
    url: str, images: Images, seals: Mapping[str, str] = MappingProxyType({})
) -> AsyncGenerator[Finding]:
    """Examine a database as it is, without bringing it up to date, and its pictures.

    `seals` are those that backups kept, by their names: the ledger must still have them.
    """
    engine = reader(url)
    try:
        with told_as_storage_errors():
            async with engine.connect() as connection:
                async for finding in _database(connection):
                    yield finding
                async for finding in _ledger(connection, seals):
                    yield finding
            # The pictures take long, and what is read meanwhile keeps the log from ending.
            async for finding in _images(engine, images):
                yield finding
    except StorageError as error:
        detail = str(error.values.get("detail", error.key))
        yield Finding("database", f"cannot be read ({detail})", RESTORE)
    except UnicodeError:  # even SQLite's own words for it are torn
        yield Finding("database", "cannot be read", RESTORE)
    finally:
        await engine.dispose()


async def _database(connection: AsyncConnection) -> AsyncIterator[Finding]:
    found, known = await connection.run_sync(revision), revisions()
    if found not in known:
        remedy = f"This version knows {known[-1]}: install the one that wrote it."
        yield Finding("database", f"has the foreign schema {found or 'of another program'}", remedy)
    if connection.dialect.name == "sqlite":
        for (line,) in await connection.execute(text("PRAGMA integrity_check")):
            if line != "ok":
                yield Finding("database", f"is damaged ({line})", RESTORE)
        for row in await connection.execute(text("PRAGMA foreign_key_check")):
            yield Finding("database", f"a row of {row[0]} belongs to no {row[2]}", RESTORE)


async def _ledger(connection: AsyncConnection, seals: Mapping[str, str]) -> AsyncIterator[Finding]:
    if await connection.run_sync(revision) != revisions()[-1]:
        return
    broken = await first_break(connection)
    if broken is not None:
        yield Finding("ledger", f"entry {broken} is not what was written", RESTORE)
    for backup, kept in seals.items():
        if not await has_seal(connection, kept):
            yield Finding("ledger", f"has lost entries that are in {backup}", CUT_OFF)


async def _named(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        query = select(pictures.c.sha256).union(select(uploads.c.sha256))
        return set(await connection.scalars(query))


async def _images(engine: AsyncEngine, images: Images) -> AsyncIterator[Finding]:
    """Compare rows and files; a studio at work makes and deletes pictures meanwhile."""
    stored, named = await images.names(), await _named(engine)
    wrong = {name: what for name in sorted(named) if (what := await _flaw(images, name))}
    still = await _named(engine)
    for sha256 in [name for name in wrong if name in still]:
        remedy = "Copy it back from a backup's images folder, or delete its job."
        yield Finding(f"image {sha256}", wrong[sha256], remedy)
    for sha256 in sorted(stored - named - still):
        remedy = "It does no harm and may be deleted."
        yield Finding(f"image {sha256}", "no row names it", remedy, harmless=True)


async def _flaw(images: Images, sha256: str) -> str:
    try:
        await images.get(sha256)
    except StorageError as error:
        return error.key.removeprefix("error.").replace("_", " ")
    return ""
