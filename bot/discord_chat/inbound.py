"""Slash commands, pressed buttons and messages as asks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import discord

from bot.discord_chat.ticket import ROOM, Ticket
from core import grammar
from core.command import Command
from core.context import Address, Ask, Attachment, Chat, Context, User
from core.errors import StudioError, Value

PLATFORM = "discord"
IN_PLACE = frozenset({"confirm", "dismiss", "delete"})
"""Answered by the message whose button was pressed."""
ASIDE = frozenset({"show", "cancel"})
"""Answered to who pressed, and to nobody else."""
SAID = {discord.MessageType.default, discord.MessageType.reply}

Interaction = discord.Interaction[discord.Client]


def from_command(interaction: Interaction, commands: Sequence[type[Command]], now: datetime) -> Ask:
    """Read a slash command."""
    said = record(raw(interaction))
    secret = said["command"] in {command.name for command in commands if command.secret}
    ticket = replace(_ticket(interaction, now), private=secret or said.get("private") is True)
    return Ask(context=_context(interaction, ticket), command=said)


def from_press(
    interaction: Interaction, token: str, commands: Sequence[type[Command]], now: datetime
) -> Ask:
    """Read a pressed button."""
    said, under = pressed(token, commands), interaction.message
    hidden = under is not None and under.flags.ephemeral
    ticket = replace(_ticket(interaction, now), private=hidden or said["command"] in ASIDE)
    if said["command"] in IN_PLACE and under is not None:
        ticket = replace(ticket, pressed=str(under.id))
    return Ask(context=_context(interaction, ticket), command=said)


def from_message(message: discord.Message, me: int) -> Ask:
    """Read words that were written to the bot; everything but its name is the wish."""
    guild, reference, author = message.guild, message.reference, message.author
    ticket = Ticket(
        user=str(author.id),
        room=guild.filesize_limit if guild else ROOM,
        moderates=isinstance(author, discord.Member) and author.guild_permissions.manage_messages,
    )
    context = Context(
        request=f"{PLATFORM}:{message.id}",
        address=Address(
            _chat(message.channel.id),
            str(message.id),
            ticket.write(),
            server=str(guild.id) if guild else "",
        ),
        user=user(author),
        locale=str(guild.preferred_locale) if guild else "en",
        replied_to=str(reference.message_id or "") if reference else "",
        attachments=tuple(_attachment(message, each) for each in message.attachments),
        overheard=not isinstance(message.channel, discord.DMChannel),
    )
    return Ask(context=context, words=words(message.content, me))


def meant(message: discord.Message, me: int) -> bool:
    """Tell whether a message is for the bot: in private every one, elsewhere one that names it."""
    if message.author.bot or message.type not in SAID:
        return False
    private = isinstance(message.channel, discord.DMChannel)
    return private or any(person.id == me for person in message.mentions)


def user(person: discord.abc.User) -> User:
    """Name a person, and their roles where they are a member of a server."""
    roles = person.roles if isinstance(person, discord.Member) else []
    return User(PLATFORM, str(person.id), person.display_name, tuple(str(one.id) for one in roles))


def raw(interaction: Interaction) -> Mapping[str, Any]:
    """Hand out what came over the wire."""
    return cast("Mapping[str, Any]", interaction.data or {})


# --- pure --------------------------------------------------------------------------------------


def record(data: Mapping[str, Any]) -> dict[str, Value]:
    """Write a slash command down as a command's record; the core judges names and values."""
    said: dict[str, Value] = {
        str(option.get("name")): option["value"]
        for option in options(data)
        if isinstance(option.get("value"), Value)
    }
    return {**said, "command": str(data.get("name", ""))}


def options(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List what was filled in, whatever else came over the wire."""
    filled = data.get("options")
    listed = cast("list[object]", filled) if isinstance(filled, list) else []
    return [cast("Mapping[str, Any]", each) for each in listed if isinstance(each, Mapping)]


def pressed(token: str, commands: Sequence[type[Command]]) -> dict[str, Value]:
    """Write a button's token down as a record; of a wrong one the name alone, for the core."""
    try:
        return grammar.press(token, commands).record()
    except StudioError:
        return {"command": token.partition(":")[0]}


def words(content: str, me: int) -> str:
    """Take the bot's own name out of what was written."""
    return " ".join(re.sub(rf"<@!?{me}>", " ", content).split())


def _ticket(interaction: Interaction, now: datetime) -> Ticket:
    return Ticket(
        application=str(interaction.application_id),
        token=interaction.token,
        asked_at=int(now.timestamp()),
        user=str(interaction.user.id),
        room=interaction.filesize_limit,
        member=_is_member(interaction),
        moderates=interaction.guild_id is not None and interaction.permissions.manage_messages,
    )


def _is_member(interaction: Interaction) -> bool:
    """In a guild or a group where only a person has installed the bot, it cannot write itself."""
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    return interaction.is_guild_integration()


def _context(interaction: Interaction, ticket: Ticket) -> Context:
    return Context(
        request=f"{PLATFORM}:{interaction.id}",
        address=Address(
            _chat(interaction.channel_id or 0),
            ticket=ticket.write(),
            server=str(interaction.guild_id or ""),
        ),
        user=user(interaction.user),
        locale=str(interaction.locale),
        overheard=not (ticket.private or interaction.context.dm_channel),
    )


def _chat(channel: int) -> Chat:
    """Name a channel; a thread is one of its own, with its own members and its own id."""
    return Chat(PLATFORM, str(channel))


def _attachment(message: discord.Message, attached: discord.Attachment) -> Attachment:
    """Its address on the wire expires, so the handle is where to ask for a fresh one."""
    handle = f"{message.channel.id}/{message.id}/{attached.id}"
    return Attachment(handle, attached.content_type or "", attached.size)
