"""Words to operators that nobody asked for: owed as durably as any answer, and told once."""

from collections.abc import Iterable
from datetime import datetime

from core.context import Ask, Context, User
from core.ports import UnitOfWork
from core.replies import Text
from core.studio import Studio

PREFIX = "notice:"
HOUR = 3600
"""Seconds in which the same occasion is told once."""


async def notify(studio: Studio, tx: UnitOfWork, occasion: str, said: Text) -> bool:
    """Owe words to every operator whom a platform here can reach; False when they were owed before.

    An occasion is told once, by however many processes. It is an ask that has its answer already,
    so whoever answers asks goes on with it; ring `studio.notices` once the transaction is over.
    """
    now = studio.now()
    new = await tx.inbox.put([await _ask(studio, tx, occasion, one) for one in _here(studio)], now)
    for ask in new:
        await tx.history.answered(ask.context.chat, said, now, request=ask.context.request)
    return bool(new)


def hourly(occasion: str, now: datetime) -> str:
    """Name an occasion so that it is told once an hour.

    What happens fifty times in a row, or anew after each of many restarts, is one piece of news.
    """
    return f"{occasion}:{int(now.timestamp()) // HOUR}"


def is_notice(ask: Ask) -> bool:
    """Whether nobody asked this."""
    return ask.context.request.startswith(PREFIX)


def _here(studio: Studio) -> Iterable[User]:
    for key in sorted(studio.policy.operators):
        platform, _, name = key.partition(":")
        if platform in studio.messengers:
            yield User(platform, name)


async def _ask(studio: Studio, tx: UnitOfWork, occasion: str, operator: User) -> Ask:
    """Make the ask that nobody made, in the language of the operator's last order."""
    request = f"{PREFIX}{occasion}:{operator.key}"
    address = studio.messengers[operator.platform].private(operator, request)
    last = await tx.jobs.recent(operator, 1)
    locale = last[0].locale if last else "en"
    context = Context(request=request, address=address, user=operator, locale=locale)
    return Ask(context=context)
