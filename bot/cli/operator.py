"""The operator's own verbs: serve, setup and doctor."""

import asyncio
import sys

import click

from bot.strings import text
from core.errors import ConfigError


@click.command()
def serve() -> None:
    """Start the studio: the web chat, and the platforms whose tokens are set."""
    from bot.serve import serve as run  # noqa: PLC0415  heavy, and not for --help
    from bot.settings import read_settings  # noqa: PLC0415

    try:
        asyncio.run(run(read_settings()))
    except ConfigError as error:
        click.echo(text(error.key, "en", error.values), err=True)
        sys.exit(2)


@click.command()
def doctor() -> None:
    """Check every setting, token and provider with free calls, and say what to do."""
    from bot.cli.doctor import examine  # noqa: PLC0415

    sys.exit(asyncio.run(examine()))


@click.command()
def prices() -> None:
    """Ask the providers for their prices; from then on they go before the catalogue's."""
    from bot.cli.prices import refresh  # noqa: PLC0415

    sys.exit(asyncio.run(refresh()))


@click.command()
def setup() -> None:
    """Ask for keys and tokens and write them to .env."""
    from bot.cli.setup import ask_for_keys  # noqa: PLC0415

    ask_for_keys()
