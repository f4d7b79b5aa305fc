"""The moment of asking: who, where, in which language, with what attached."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Chat:
    """A place where people talk; `thread` is a topic or thread inside it, or empty."""

    platform: str
    id: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A person on one platform; `name` is for showing only."""

    platform: str
    id: str
    name: str = field(default="", compare=False)
    roles: tuple[str, ...] = field(default=(), compare=False)
    """What they are on the server that they ask on, while they ask: the ids of Discord roles."""

    @property
    def key(self) -> str:
        """The name that settings and ledgers use, such as `telegram:1001`."""
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes; `ticket` is what only the platform's adapter can read."""

    chat: Chat
    reply_to: str = ""
    ticket: str = ""
    part: int = 0
    """Which of several answers to one asking this is, from 0."""
    server: str = ""
    """What the chat is a part of where budgets may count it: a Discord guild."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with the words; `handle` is how its platform fetches it."""

    handle: str
    mime: str = ""
    size: int = 0
    """Bytes, as the platform states them; 0 when it does not."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture that came with the words, checked and stored under its content hash."""

    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks, where, in which language, with what attached."""

    request: str
    """Unique per asking, such as `telegram:77`: the same request twice has one effect."""
    address: Address
    user: User
    locale: str = "en"
    replied_to: str = ""
    """The platform's id of the message that this one answers."""
    attachments: tuple[Attachment, ...] = ()
    images: tuple[Sent, ...] = ()
    """The attachments once they are taken in."""
    overheard: bool = False
    """Whether others read the answer: it was asked in a group or a channel, aloud."""
    moderates: bool = False
    """Whether they keep order in this chat: looked up where a command is `moderated`."""
    agreed: int | None = None
    """Micro-dollars that the person was told, with the count, and said yes to."""

    @property
    def chat(self) -> Chat:
        """The chat that was asked in."""
        return self.address.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One asking as it is committed before it is confirmed: plain words, or a command's record."""

    context: Context
    words: str = ""
    command: Mapping[str, str | int | float | bool] | None = None
