"""What can be typed: every listed command with its options, for the completion of the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.strings import text
from core.command import Command, Field
from core.studio import Studio

RATIOS = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16")


def offer(studio: Studio, locale: str) -> dict[str, Any]:
    """Describe the commands, and the lists that their options suggest."""
    listed = [command for command in studio.commands if command.listed]
    return {
        "commands": [_command(command, locale) for command in listed],
        "lists": lists(studio),
    }


def lists(studio: Studio) -> Mapping[str, Sequence[str]]:
    """Name what each list holds; `jobs` is left to the page, which shows them."""
    return {
        "models": list(dict.fromkeys(model.name for model in studio.catalogue.models)),
        "providers": studio.catalogue.providers(),
        "styles": list(studio.catalogue.styles),
        "aspect_ratios": RATIOS,
    }


def _command(command: type[Command], locale: str) -> dict[str, Any]:
    words = command.words_field() or next(iter(command.fields()), None)
    return {
        "name": command.name,
        "about": text(f"command.{command.name}", locale),
        "words": None if words is None else words.name,
        "options": [
            _option(field, locale) for field in command.fields() if not field.option.hidden
        ],
    }


def _option(field: Field, locale: str) -> dict[str, Any]:
    spelling = field.option.flags[0] if field.option.flags else field.name.replace("_", "-")
    return {
        "name": field.name,
        "flag": f"-{spelling}" if len(spelling) == 1 else f"--{spelling}",
        "about": text(f"option.{field.name}", locale),
        "type": field.type.__name__,
        "required": field.required,
        "default": field.default,
        "low": field.option.low,
        "high": field.option.high,
        "choices": field.option.choices,
        "list": field.option.suggest,
    }
