"""What the providers ask for now, kept for every order from here on."""

import click

from bot import logs
from bot.settings import read_settings
from bot.strings import FALLBACK, money, text
from bot.wiring import open_studio
from core.errors import StudioError
from core.money.prices import ask_for_prices


async def refresh() -> int:
    """Ask, keep and print; return the exit status."""
    try:
        settings = read_settings()
        logs.set_up(settings.secrets(), quiet=True)
        async with open_studio(settings, lambda _, __: {}) as studio:
            told = await ask_for_prices(studio.providers, studio.catalogue)
            async with studio.database.transaction() as tx:
                await tx.prices.put(told, studio.now())
    except StudioError as error:
        click.echo(text(error.key, FALLBACK, error.values), err=True)
        return 1
    for price in told:
        unit = text(f"unit.{price.unit}", FALLBACK)
        click.echo(f"{price.endpoint}: {money(price.amount, FALLBACK)} {unit}")
    return 0
