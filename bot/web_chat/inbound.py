"""From a request to an Ask."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from bot.strings import FALLBACK, language
from core import grammar
from core.command import Command
from core.context import Address, Ask, Chat, Context, User

OWNER = User("web", "owner")
"""Whoever holds the sign-in link runs this studio: there is one person here."""
HOME = Chat("web", "home")

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
"""Drawn by the page: the same id twice is one asking, so a second click does no harm."""


class Say(BaseModel):
    """Words typed into the page."""

    id: Id
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]
    reply_to: Annotated[str, Field(max_length=100)] = ""
    """The question that the words answer."""


class Press(BaseModel):
    """A button pressed."""

    id: Id
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def said(say: Say, locale: str) -> Ask:
    """Make an ask of typed words."""
    return Ask(context=_context(say.id, locale, say.reply_to), words=say.words)


def pressed(press: Press, locale: str, commands: Iterable[type[Command]]) -> Ask:
    """Make an ask of a button."""
    command = grammar.press(press.token, commands)
    return Ask(context=_context(press.id, locale, ""), command=command.record())


def _context(ask_id: str, locale: str, replied_to: str) -> Context:
    request = f"web:{ask_id}"
    address = Address(HOME, reply_to=request)
    return Context(
        request=request, address=address, user=OWNER, locale=locale, replied_to=replied_to
    )


def locale_of(accept_language: str) -> str:
    """Choose the language that the browser likes best among those that the studio speaks."""
    wishes = [wish.strip().partition(";q=") for wish in accept_language.split(",")]
    for tag, _, _ in sorted(wishes, key=lambda wish: -_weight(wish[2])):
        spoken = language(tag)
        if spoken == tag.partition("-")[0].lower():
            return spoken
    return FALLBACK


def _weight(quality: str) -> float:
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0
