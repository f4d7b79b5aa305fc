"""What can be typed: every listed command with its options, for the completion of the page."""

from typing import Any

from bot.strings import text
from core.command import Command, Field
from core.studio import Studio
from core.suggestions import KINDS, suggestions


def offer(studio: Studio, locale: str) -> dict[str, Any]:
    """Describe the commands, and the lists that their options suggest."""
    listed = [command for command in studio.commands if command.listed]
    return {
        "commands": [_command(command, locale) for command in listed],
        "lists": {kind: list(suggestions(studio.catalogue, kind)) for kind in KINDS},
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
    return {
        "name": field.name,
        "flag": field.flag,
        "about": text(f"option.{field.name}", locale),
        "type": field.type.__name__,
        "required": field.required,
        "default": field.default,
        "low": field.option.low,
        "high": field.option.high,
        "choices": field.option.choices,
        "list": field.option.suggest,
    }
