"""What verify, backup and restore do with the data."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.lock import only_one, without_terminals
from bot.settings import Settings, read_settings
from bot.strings import text
from core.errors import ConfigError, StudioError
from storage.address import BadAddress, database_address
from storage.backup import Place, back_up, backups, prune
from storage.failures import told_as_storage_errors
from storage.finding import Finding
from storage.images import Images
from storage.manifest import backup_findings, kept_seal
from storage.restore import lost_entries, refusals
from storage.restore import restore as put_back
from storage.verify import findings


def verify_data(folders: tuple[Path, ...]) -> int:
    """Report on the data and its backups, or on the backups named; return the exit status."""
    with _told():
        settings = read_settings()
        return asyncio.run(_report(_backups(folders) if folders else _everything(settings)))


async def _report(asked: AsyncIterator[Finding]) -> int:
    """Print a line per finding; return 1 when something is lost."""
    status = 0
    async for finding in asked:
        click.echo(str(finding))
        status = status if finding.harmless else 1
    if status == 0:
        click.echo("Everything that was written is there, unchanged.")
    return status


async def _everything(settings: Settings) -> AsyncIterator[Finding]:
    made = tuple(backups(_home(settings)))
    seals = {str(folder): kept_seal(folder) for folder in made}
    async for finding in findings(settings.database, Images.open(settings.images), seals):
        yield finding
    async for finding in _backups(made):
        yield finding


async def _backups(folders: tuple[Path, ...]) -> AsyncIterator[Finding]:
    for folder in folders:
        for finding in await asyncio.to_thread(backup_findings, folder):
            yield finding


def back_up_data(to: Path | None, keep: int | None) -> None:
    """Make a backup and delete the oldest."""
    with _told(), told_as_storage_errors():
        settings = read_settings()
        folder = to or _home(settings)
        click.echo(back_up(_place(settings), folder, datetime.now(UTC)))
        for gone in prune(folder, keep) if keep else ():
            click.echo(f"deleted {gone}")


def restore_data(folder: Path) -> None:
    """Put a backup that is whole in the place of the data, while nothing works on them."""
    with _told():
        settings = read_settings()
        place = _place(settings)
        with only_one(settings.data_dir), without_terminals(settings.data_dir):
            wrong = refusals(folder)
            for finding in wrong:
                click.echo(str(finding), err=True)
            if wrong:
                sys.exit(1)
            lost = lost_entries(folder, place)
            for moved in put_back(folder, place, datetime.now(UTC)):
                click.echo(f"moved aside: {moved}")
    if lost:
        click.echo(f"The ledger was {lost} entries longer; they no longer count.")
    click.echo(f"Restored {folder}. `nano-banana verify` looks it over, `make run` starts it.")


def _home(settings: Settings) -> Path:
    return settings.data_dir / "backups"


def _place(settings: Settings) -> Place:
    """Find the files; a server has means of its own."""
    address = database_address(settings.database)
    if address.get_backend_name() != "sqlite" or address.database is None:
        remedy = "is a server's; back it up and restore it with pg_dump and pg_restore."
        raise ConfigError("NANO_BANANA_DATABASE_URL", remedy)
    return Place(Path(address.database), Images.open(settings.images).folder)


@contextmanager
def _told() -> Generator[None]:
    """Write for this account alone, and end with words when something is wrong."""
    os.umask(0o077)
    try:
        yield
    except BadAddress as error:
        click.echo(f"NANO_BANANA_DATABASE_URL or NANO_BANANA_IMAGES_URL {error}", err=True)
        sys.exit(2)
    except StudioError as error:
        click.echo(text(error.key, "en", error.values), err=True)
        sys.exit(2)
