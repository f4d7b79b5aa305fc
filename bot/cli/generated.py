"""One click subcommand per command of the studio, made from its fields."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from bot.cli.database_url import database_url
from bot.storable import storable
from bot.strings import text
from core.command import Command, Field


def subcommand(command: type[Command], locale: str) -> click.Command:
    """Make the subcommand of one command; its words may also stand behind it bare."""
    parameters: list[click.Parameter] = [_option(field, locale) for field in command.fields()]
    if command.bare_field() is not None:
        parameters.append(click.Argument(["words"], nargs=-1))
    if command.takes_pictures:
        image = click.Path(path_type=Path, exists=True, dir_okay=False)
        parameters.append(click.Option(["--image"], type=image, help=text("option.image", locale)))
    parameters += [
        click.Option(["--out", "--images-dir"], type=click.Path(path_type=Path, file_okay=False)),
        click.Option(["--json", "as_json"], is_flag=True),
        click.Option(["--yes"], is_flag=True),
        database_url(locale),
    ]

    def run(**values: Any) -> None:
        _run(command, values, locale)

    name = command.cli_name or command.name
    about = text(f"command.{command.name}", locale)
    return click.Command(name, params=parameters, callback=run, help=about, short_help=about)


def _option(field: Field, locale: str) -> click.Option:
    names = [f"--{field.name.replace('_', '-')}", field.name]
    names += [f"-{flag}" if len(flag) == 1 else f"--{flag}" for flag in field.option.flags]
    about = text(f"option.{field.name}", locale)
    if field.type is bool:
        return click.Option(names, is_flag=True, help=about)
    kind: Any = field.type
    if field.option.choices:
        kind = click.Choice(field.option.choices)
    return click.Option(names, type=kind, help=about)


def _run(command: type[Command], values: dict[str, Any], locale: str) -> None:
    from bot.cli.session import Wish, run_here  # noqa: PLC0415  --help must not pay for it
    from bot.cli.terminal import Output  # noqa: PLC0415  only when wanted

    output = Output(folder=values.pop("out"), as_json=values.pop("as_json"))
    yes, image = values.pop("yes"), values.pop("image", None)
    words = " ".join(values.pop("words", ()))
    said = {name: one for name, one in values.items() if one is not None and one is not False}
    field = command.bare_field()
    if field is not None and words:
        if field.name in said:
            raise click.UsageError(f"--{field.name} and bare words: keep one")
        said[field.name] = words
    if field is not None and said.get(field.name) == "-":
        said[field.name] = _piped()
    mended = {name: storable(one) if isinstance(one, str) else one for name, one in said.items()}
    record = {"command": command.name, **mended}
    wish = Wish(record=record, image=image, output=output, yes=yes, locale=locale)
    sys.exit(asyncio.run(run_here(wish)))


def _piped() -> str:
    """Read standard input; bytes that are no text are mended."""
    return sys.stdin.buffer.read().decode(sys.stdin.encoding, "replace").strip()
