"""The one way in: an ask becomes a command, is run in one transaction, and becomes a reply."""

import asyncio
import math
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import structlog

from core import grammar, metrics
from core.context import Ask, Context, Sent
from core.errors import BadPicture, LimitReached, Missing, StorageError, StudioError, UserError
from core.images.codec import UPLOADS
from core.interpret import interpret
from core.ports import UnitOfWork
from core.replies import Accepted, Form, Removed, Reply, Text
from core.studio import Studio

log = structlog.get_logger(__name__)


KEPT = timedelta(days=7)
"""How old an order may be whose ending a chat is told when it takes words again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the id under which the history keeps it."""

    reply: Reply
    message: int
    revived: tuple[str, ...] = ()
    """Jobs whose endings the chat may take now, for it has spoken again."""


async def dispatch(studio: Studio, ask: Ask, turn: asyncio.Semaphore, wait: float = 0.0) -> Answer:
    """Answer an ask; the same request again gets the answer that it already had.

    `turn` is taken for as long as the database is written to. An ask that came `wait` seconds too
    soon is not run.
    """
    try:
        known = await _known(studio, ask.context.request)
        if known is not None:
            return known
        _check_pace(wait)
        context = await _moderating(studio, ask, await _taken_in(studio, ask.context))
        async with turn, studio.database.transaction() as tx:
            command = await interpret(ask, studio.commands, tx)
            await _keep(studio, tx, replace(ask, context=context))
            reply = await command.run(studio, context, tx)
            metrics.asks.labels(context.chat.platform, command.name).inc()
            if command.secret:
                answer = await _record(studio, tx, ask, f"/{command.name}", Text("secret"))
                return replace(answer, reply=reply)
            return await _record(studio, tx, ask, grammar.write(command), reply)
    except Missing as error:
        reply = Form(error.command, error.option, Text(f"ask.{error.command}.{error.option}"))
    except StudioError as error:
        if not isinstance(error, UserError):
            log.warning("ask_failed", request=ask.context.request, error=error.key)
        reply = Text(error.key, error.values)
    except Exception:
        error_id = uuid4().hex[:8]
        log.exception("ask_failed_unexpectedly", request=ask.context.request, error_id=error_id)
        reply = Text("error.unexpected", {"error_id": error_id})
    return await _instead(studio, ask, turn, reply)


async def _instead(studio: Studio, ask: Ask, turn: asyncio.Semaphore, reply: Reply) -> Answer:
    """Answer what did not work out."""
    try:
        # A commit whose answer was lost may stand: then that is the answer.
        known = await _known(studio, ask.context.request)
        if known is not None:
            return known
        async with turn, studio.database.transaction() as tx:
            return await _record(studio, tx, ask, _words(ask), reply)
    except StorageError as error:
        log.warning("reply_not_recorded", request=ask.context.request, error=error.key)
        return Answer(reply, 0)


def spoken(reply: Reply) -> Reply | None:
    """Tell what of a reply is said; for orders just taken their status lines speak."""
    return reply.text if isinstance(reply, Accepted | Removed) else reply


async def _known(studio: Studio, request: str) -> Answer | None:
    """Find the answer of a request that a crash left half told."""
    async with studio.database.reading() as tx:
        found = await tx.history.reply_to(request)
    return Answer(found.reply, found.id) if found and found.reply else None


async def _taken_in(studio: Studio, context: Context) -> Context:
    """Fetch, check and store what came with the words, before any transaction is open."""
    messenger = studio.messengers[context.chat.platform]
    images: list[Sent] = []
    for attachment in context.attachments:
        if attachment.size > UPLOADS.max_bytes:
            raise BadPicture("too_large")
        finished = await studio.finishing.take_in(await messenger.fetch(attachment))
        sha256 = await studio.images.put(finished.data)
        images.append(Sent(sha256, finished.width, finished.height))
    return replace(context, images=tuple(images))


async def _moderating(studio: Studio, ask: Ask, context: Context) -> Context:
    """Ask the platform whether this person moderates, where a command depends on it."""
    name = grammar.named(ask)
    if not any(command.moderated for command in studio.commands if command.name == name):
        return context
    messenger = studio.messengers[context.chat.platform]
    moderates = await messenger.moderates(context.address, context.user)
    return replace(context, moderates=moderates)


async def _keep(studio: Studio, tx: UnitOfWork, ask: Ask) -> None:
    """Note what was taken in, so that a later yes to a quote finds it."""
    if not ask.context.images:
        return
    await tx.inbox.keep(ask)
    for image in ask.context.images:
        await tx.pictures.sent(image.sha256, ask.context.chat, studio.now())


def _check_pace(wait: float) -> None:
    if wait:
        raise LimitReached("too_fast", seconds=math.ceil(wait))


async def _record(studio: Studio, tx: UnitOfWork, ask: Ask, words: str, reply: Reply) -> Answer:
    now, context = studio.now(), ask.context
    await tx.history.asked(context, words, now)
    message = await tx.history.answered(context.chat, reply, now, request=context.request)
    if spoken(reply) is None:
        await tx.inbox.handled(context.request, now)
    revived = await tx.outbox.revive(context.user, context.chat, now - KEPT)
    return Answer(reply, message, revived)


def _words(ask: Ask) -> str:
    if ask.command is None:
        return ask.words
    return " ".join(str(value) for value in ask.command.values())
