"""The option that names another database for one call."""

from typing import Any

import click

from bot.strings import text


def database_url(locale: str) -> click.Option:
    """Make the option: whatever the command is, it opens that database."""
    return click.Option(
        ["--database-url"],
        metavar="URL",
        expose_value=False,
        callback=_use,
        help=text("option.database_url", locale),
    )


def _use(_: click.Context, __: click.Parameter, value: Any) -> None:
    if value:
        from bot.settings import choose_database  # noqa: PLC0415  --help must not pay for it

        choose_database(value)
