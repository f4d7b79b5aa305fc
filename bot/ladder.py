"""The ladder of delivery: in which shapes pictures are offered to a platform, the best first."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import structlog

from bot.links import Links
from core.replies import Pictures, Text

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class Step(StrEnum):
    """One shape of a result."""

    PHOTO = "photo"
    """The stored bytes, shown in the chat."""
    SMALLER = "smaller"
    """A smaller copy, shown in the chat."""
    DOCUMENT = "document"
    """The stored bytes as a file, which no platform looks into."""
    LINK = "link"
    """Words that say where the pictures are."""


class Reason(StrEnum):
    """Why a platform does not take pictures in one shape."""

    SIZE = "size"
    """Too heavy, too long or too narrow, or more than the platform can work on."""
    FORBIDDEN = "forbidden"
    """This chat takes no such thing, or not from the bot."""


LADDER = (Step.PHOTO, Step.SMALLER, Step.DOCUMENT, Step.LINK)
HELPS: Mapping[Reason, frozenset[Step]] = {
    Reason.SIZE: frozenset({Step.SMALLER, Step.DOCUMENT, Step.LINK}),
    Reason.FORBIDDEN: frozenset({Step.DOCUMENT, Step.LINK}),
}
"""The steps that are worth going on to."""


class NotTaken(Exception):
    """The platform does not take the pictures in this shape."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


Offer = Callable[[Step, tuple[Text, ...]], Awaitable[Result]]


async def descend(job: str, steps: Sequence[Step], offer: Offer[Result]) -> Result:
    """Offer pictures step by step until one is taken; each but the first says why it is not.

    The last step is words, which raise what they raise.
    """
    reason: Reason | None = None
    for step in steps:
        if reason is not None and step not in HELPS[reason]:
            continue
        why = () if reason is None else (Text(f"ladder.{step}.{reason}"),)
        try:
            return await offer(step, why)
        except NotTaken as refused:
            log.info("pictures_not_taken", job=job, step=step, reason=refused.reason)
            reason = refused.reason
    raise AssertionError


def in_words(reply: Pictures, why: tuple[Text, ...], links: Links) -> Text:
    """Say a result without its pictures: the recipe, why, and where they are."""
    addresses = [links.to(one.job, one.position) for one in reply.pictures]
    where = [Text("ladder.address", {"url": url}) for url in addresses if url]
    kept = [] if where else [Text("ladder.kept", {"job": reply.job})]
    caption = reply.caption
    return Text(caption.key, caption.values, (*caption.lines, *why, *where, *kept))
