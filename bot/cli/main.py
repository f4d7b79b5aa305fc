"""The command line; libraries are imported where they are used, so that --help is instant."""

import locale as system_locale
from typing import TYPE_CHECKING

import click
from typing_extensions import override

from bot.strings import language

if TYPE_CHECKING:
    from core.command import Command

OWN = ("serve", "setup", "doctor", "verify", "backup", "restore", "prices")
"""The operator's verbs, each in a module of its own."""
ALIASES = {"imagine": "generate", "list-models": "models"}


class Studio(click.Group):
    """Subcommands made from the commands of the studio, beside the operator's own."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*OWN, *self._names()]

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            return _own(cmd_name)
        from bot.cli.generated import subcommand  # noqa: PLC0415  only when wanted

        command = self._names().get(ALIASES.get(cmd_name, cmd_name))
        return None if command is None else subcommand(command, spoken())

    def _names(self) -> "dict[str, type[Command]]":
        from core.commands import COMMANDS  # noqa: PLC0415  only when wanted

        return {one.cli_name or one.name: one for one in COMMANDS if one.listed}


def _own(name: str) -> click.Command:
    from bot.cli import operator  # noqa: PLC0415  only when wanted

    return getattr(operator, name)


def spoken() -> str:
    """Choose the language of the terminal's owner."""
    return language(system_locale.getlocale()[0] or "en")


@click.group(cls=Studio, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nano-banana")
def main() -> None:
    """An image studio that lives in your chats."""
