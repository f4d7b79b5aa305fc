"""The studio's commands as Discord lists them, and sent there only when the list has changed."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord
import structlog

from bot.strings import FALLBACK, language, text
from core.command import Command, Field

log = structlog.get_logger(__name__)

SLASH = 1
TYPES: dict[type[object], int] = {str: 3, int: 4, bool: 5}
GUILD_AND_USER_INSTALLED = [0, 1]
GUILDS_AND_ALL_PRIVATE_CHATS = [0, 1, 2]
ABOUT = 100
"""Characters of a description."""


def listing(commands: Sequence[type[Command]]) -> list[dict[str, Any]]:
    """Describe the listed commands in the words of every language."""
    return [_command(command) for command in commands if command.listed]


def _command(command: type[Command]) -> dict[str, Any]:
    fields = [field for field in command.fields() if not field.option.hidden]
    return {
        "type": SLASH,
        "name": command.name,
        **_about(f"command.{command.name}"),
        "options": [_option(field) for field in sorted(fields, key=lambda one: not one.required)],
        "integration_types": GUILD_AND_USER_INSTALLED,
        "contexts": GUILDS_AND_ALL_PRIVATE_CHATS,
    }


def _option(field: Field) -> dict[str, Any]:
    option = field.option
    said = {
        "choices": [{"name": choice, "value": choice} for choice in option.choices],
        "min_value": option.low,
        "max_value": option.high,
        "autocomplete": bool(option.suggest),
        "required": field.required,
    }
    return {
        "type": TYPES[field.type],
        "name": field.name,
        **_about(f"option.{field.name}"),
        **{name: value for name, value in said.items() if value not in (None, False, [])},
    }


def _about(key: str) -> dict[str, Any]:
    foreign = [each.value for each in discord.Locale if language(each.value) != FALLBACK]
    return {
        "description": text(key, FALLBACK)[:ABOUT],
        "description_localizations": {each: text(key, each)[:ABOUT] for each in foreign},
    }


async def sync(
    client: discord.Client, commands: Sequence[type[Command]], synced: Path, *, force: bool = False
) -> bool:
    """Send the list of commands if it is not the one noted in `synced`; tell whether it was sent.

    Raises:
        discord.HTTPException: Discord did not take the list.
    """
    listed = listing(commands)
    digest = hashlib.sha256(json.dumps([client.application_id, listed]).encode()).hexdigest()
    if not force and await asyncio.to_thread(_noted, synced) == digest:
        return False
    await client.http.bulk_upsert_global_commands(client.application_id or 0, listed)
    await asyncio.to_thread(_note, synced, digest)
    log.info("discord_commands_synced", count=len(listed))
    return True


def _noted(synced: Path) -> str:
    return synced.read_text(encoding="ascii") if synced.exists() else ""


def _note(synced: Path, digest: str) -> None:
    synced.touch(mode=0o600)
    synced.write_text(digest, encoding="ascii")
