"""Whom an operator means: by key, as this chat, or by answering what somebody asked for."""

from core.budget import EVERYONE, Scope, of_chat, of_user, scopes
from core.context import Context
from core.errors import BadCommand, Missing
from core.ports import UnitOfWork

HERE, SERVER = "here", "server"
"""Words for the chat and the server that they are said in."""


async def one_of_many(tx: UnitOfWork, context: Context, command: str, words: str) -> Scope:
    """Find the scope that is meant, which must not be everyone at once."""
    scope = await _meant(tx, context, command, words)
    if scope == EVERYONE:
        raise BadCommand("scope", given=words)
    return scope


async def one_with_budget(tx: UnitOfWork, context: Context, command: str, words: str) -> Scope:
    """Find the scope that is meant, which must be one that money is counted by."""
    scope = await _meant(tx, context, command, words)
    if scope.kind == "role":
        raise BadCommand("scope", given=words)
    return scope


async def _meant(tx: UnitOfWork, context: Context, command: str, words: str) -> Scope:
    """Find the scope that is meant; whoever is answered when nobody is named."""
    if not words:
        answered = await _answered(tx, context)
        if answered is None:
            raise Missing(command, "who")
        return answered
    if words == HERE:
        return of_chat(context.chat)
    if words == SERVER:
        return _server(context)
    return Scope.read(words)


def _server(context: Context) -> Scope:
    for scope in scopes(context.user, context.address):
        if scope.kind == "server":
            return scope
    raise BadCommand("scope", given=SERVER)


async def _answered(tx: UnitOfWork, context: Context) -> Scope | None:
    """Find who had asked for the message that is answered."""
    if not context.replied_to:
        return None
    message = await tx.history.find(context.chat, context.replied_to)
    job = await tx.jobs.get(message.job) if message and message.job else None
    if job is not None:
        return of_user(job.user)
    ask = await tx.inbox.get(message.request) if message and message.request else None
    return None if ask is None else of_user(ask.context.user)
