"""Whose money a limit counts, over which time, and how much of it there is."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, Self

from core.context import Address, Chat, User
from core.errors import BadCommand

KEY = re.compile(r"[a-z]+:[\w.@-]{1,64}")
"""A platform and a name on it, such as `telegram:1001`."""
KINDS = ("user", "chat", "server", "role")


@dataclass(frozen=True, slots=True)
class Scope:
    """Everyone, a person, a chat, a server (what Discord calls a guild), or a role on one.

    A Telegram group is a chat, and its topics are threads of that chat. Roles may be allowed or
    denied; money is not counted by them, for one spending has several.
    """

    kind: Literal["all", "user", "chat", "server", "role"]
    key: str = ""
    """`telegram:1001`; empty for everyone."""

    @property
    def name(self) -> str:
        """The scope as people and tables write it: `all`, `user:telegram:1001`."""
        return f"{self.kind}:{self.key}" if self.key else self.kind

    @classmethod
    def read(cls, name: str) -> Self:
        """Read what `name` wrote; a bare key is a person's."""
        if name == "all":
            return cls("all")
        for kind in KINDS:
            key = name.removeprefix(f"{kind}:")
            if key != name and KEY.fullmatch(key):
                return cls(kind, key)
        if KEY.fullmatch(name) and not name.startswith(tuple(f"{kind}:" for kind in KINDS)):
            return cls("user", name)
        raise BadCommand("scope", given=name)


EVERYONE = Scope("all")


def of_user(user: User) -> Scope:
    """Name a person's scope."""
    return Scope("user", user.key)


def of_chat(chat: Chat) -> Scope:
    """Name a chat's scope; its threads share it."""
    return Scope("chat", f"{chat.platform}:{chat.id}")


def of_roles(user: User) -> tuple[Scope, ...]:
    """Name the scopes of what a person is where they ask."""
    return tuple([Scope("role", f"{user.platform}:{role}") for role in user.roles])


def scopes(user: User, address: Address) -> tuple[Scope, ...]:
    """List the scopes that something asked by this person at this place counts in."""
    found = [EVERYONE, of_user(user), of_chat(address.chat)]
    if address.server:
        found.append(Scope("server", f"{address.chat.platform}:{address.server}"))
    return tuple(found)


class Period(StrEnum):
    """Over which time a budget counts, in UTC; `total` is for ever."""

    DAY = "day"
    MONTH = "month"
    TOTAL = "total"

    def begins(self, today: date) -> date:
        """Name the first day that counts."""
        if self is Period.DAY:
            return today
        return today.replace(day=1) if self is Period.MONTH else date.min


@dataclass(frozen=True, slots=True)
class Cap:
    """The most, in micro-dollars, that may be spent or held within a scope and a period."""

    scope: Scope
    period: Period
    amount: int


@dataclass(frozen=True, slots=True)
class Use:
    """A cap, and how much of it is spent or held."""

    cap: Cap
    spent: int

    @property
    def left(self) -> int:
        """Micro-dollars that may still be spent under it."""
        return max(0, self.cap.amount - self.spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a provider says that one unit of an endpoint costs."""

    endpoint: str
    unit: Literal["image", "megapixel"]
    amount: int
    """Micro-dollars."""
