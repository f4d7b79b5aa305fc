"""What Discord offers while somebody types into an option."""

from collections.abc import Mapping, Sequence
from typing import Any

from discord.app_commands import Choice

from bot.discord_chat.inbound import options
from core.command import Command
from core.context import User
from core.studio import Studio
from core.suggestions import Suggestions, suggestions

MOST = 25
LONGEST = 100


async def suggest(studio: Studio, user: User, data: Mapping[str, Any]) -> list[Choice[str]]:
    """Offer what fits the option that is being typed into; nothing where nothing is known."""
    name, typed = focused(data)
    kind = _kind(studio.commands, str(data.get("name")), name)
    return choices(await _offers(studio, user, kind), typed)


def focused(data: Mapping[str, Any]) -> tuple[str, str]:
    """Find the option that is being typed into, and what stands in it."""
    for option in options(data):
        if option.get("focused"):
            return str(option.get("name")), str(option.get("value", ""))
    return "", ""


def choices(offers: Suggestions, typed: str) -> list[Choice[str]]:
    """Choose what contains the typed text, what begins with it first."""
    wanted = typed.casefold()
    fitting = [
        Choice(name=name[:LONGEST], value=value)
        for value, name in offers.items()
        if wanted in name.casefold() and 0 < len(value) <= LONGEST
    ]
    return sorted(fitting, key=lambda one: not one.name.casefold().startswith(wanted))[:MOST]


def _kind(commands: Sequence[type[Command]], name: str, option: str) -> str:
    for command in commands:
        for field in command.fields():
            if (command.name, field.name) == (name, option):
                return field.option.suggest
    return ""


async def _offers(studio: Studio, user: User, kind: str) -> Suggestions:
    if kind != "jobs":
        return suggestions(studio.catalogue, kind)
    async with studio.database.reading() as tx:
        jobs = await tx.jobs.recent(user, MOST)
    return {job.id: f"{job.id}: {job.work.prompt}" for job in jobs}
