"""The operator's own verbs."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import click

from bot.cli.database_url import database_url
from bot.strings import FALLBACK, text
from core.errors import StudioError

FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
DATABASE = database_url(FALLBACK)
NEW_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(params=[DATABASE])
def serve() -> None:
    """Start the studio: the web chat, and the platforms whose tokens are set."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _, __: os._exit(0))  # until it runs, nothing is under way
    from bot.lock import only_one  # noqa: PLC0415  only when wanted
    from bot.settings import read_settings  # noqa: PLC0415  only when wanted

    os.umask(0o077)
    try:
        settings = read_settings()
        with only_one(settings.data_dir):
            from bot.serve import serve as run  # noqa: PLC0415  heavy, and not for a refusal

            asyncio.run(run(settings))
    except StudioError as error:
        click.echo(text(error.key, FALLBACK, error.values), err=True)
        sys.exit(2)


@click.command(params=[DATABASE])
def doctor() -> None:
    """Check every setting, token and provider with free calls, and say what to do."""
    from bot.cli.doctor import examine  # noqa: PLC0415  only when wanted

    sys.exit(asyncio.run(examine()))


@click.command(params=[DATABASE])
def prices() -> None:
    """Ask the providers for their prices; from then on they go before the catalogue's."""
    from bot.cli.prices import refresh  # noqa: PLC0415  only when wanted

    sys.exit(asyncio.run(refresh()))


@click.command()
def setup() -> None:
    """Ask for keys and tokens and write them to .env."""
    from bot.cli.setup import ask_for_keys  # noqa: PLC0415  only when wanted

    ask_for_keys()


@click.command(params=[DATABASE])
@click.argument("folders", nargs=-1, type=FOLDER)
def verify(folders: tuple[Path, ...]) -> None:
    """Look for damage in the data and in their backups, or in the FOLDERS of some backups."""
    from bot.cli.keeping import verify_data  # noqa: PLC0415  only when wanted

    sys.exit(verify_data(folders))


@click.command()
@click.option("--to", type=NEW_FOLDER, help="Keep backups here; another disk is safer.")
@click.option("--keep", type=click.IntRange(min=1), help="Delete all but so many of the newest.")
def backup(to: Path | None, keep: int | None) -> None:
    """Copy the database and the pictures, also while the studio runs."""
    from bot.cli.keeping import back_up_data  # noqa: PLC0415  only when wanted

    back_up_data(to, keep)


@click.command()
@click.argument("folder", type=FOLDER)
def restore(folder: Path) -> None:
    """Put the backup in FOLDER in the place of the data, which are moved aside."""
    from bot.cli.keeping import restore_data  # noqa: PLC0415  only when wanted

    restore_data(folder)
