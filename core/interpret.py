"""What a person said -> the command that is meant."""

from collections.abc import Sequence

from core import grammar
from core.command import Command
from core.context import Ask
from core.ports import Message, UnitOfWork
from core.replies import Form, Pictures


async def interpret(ask: Ask, commands: Sequence[type[Command]], tx: UnitOfWork) -> Command:
    """Read a record, a slash line, the answer to a message, or plain words as a prompt."""
    if ask.command is not None:
        return grammar.absorb(grammar.revive(ask.command, commands))
    answered = await _answered(ask, tx)
    if ask.words.startswith("/"):
        return _about(grammar.parse(ask.words, commands), ask, answered)
    meant = "imagine"
    if answered is not None and isinstance(answered.reply, Form):
        meant = answered.reply.command
    elif ask.context.attachments or (answered and isinstance(answered.reply, Pictures)):
        meant = "edit"
    return _about(grammar.read(grammar.find(meant, commands), ask.words), ask, answered)


async def _answered(ask: Ask, tx: UnitOfWork) -> Message | None:
    if not ask.context.replied_to:
        return None
    return await tx.history.find(ask.context.chat, ask.context.replied_to)


def _about(command: Command, ask: Ask, answered: Message | None) -> Command:
    """Let an edit that names no picture mean the one that its words answer."""
    said = command.record()
    if command.name != "edit" or "job" in said or ask.context.attachments:
        return command
    if answered is None or not isinstance(answered.reply, Pictures):
        return command
    said.pop("command")
    place = _place(ask, answered, answered.reply)
    return type(command).of(**{**said, "job": answered.reply.job, "picture": place})


def _place(ask: Ask, answered: Message, shown: Pictures) -> int:
    """Find which picture of an album was answered; its buttons, or one message, mean the first."""
    place = answered.platform_ids.index(ask.context.replied_to)
    return place + 1 if place < len(shown.pictures) else 1
