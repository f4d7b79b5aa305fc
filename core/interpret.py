"""What a person said -> the command that is meant."""

from collections.abc import Iterable

from core import grammar
from core.command import Command
from core.context import Ask
from core.ports import UnitOfWork
from core.replies import Form


async def interpret(ask: Ask, commands: Iterable[type[Command]], tx: UnitOfWork) -> Command:
    """Read a record, a slash line, the answer to a question, or plain words as a prompt."""
    if ask.command is not None:
        return grammar.absorb(grammar.revive(ask.command, commands))
    if ask.words.startswith("/"):
        return grammar.parse(ask.words, commands)
    if ask.context.replied_to:
        asked = await tx.history.find(ask.context.chat, ask.context.replied_to)
        if asked is not None and isinstance(asked.reply, Form):
            return grammar.read(grammar.find(asked.reply.command, commands), ask.words)
    return grammar.read(grammar.find("imagine", commands), ask.words)
