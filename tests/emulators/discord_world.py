"""What exists on the emulated Discord: people, guilds, channels, messages and their files."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.emulators import discord_errors as errors

Json = dict[str, Any]
Id = int | str

TEXT, DIRECT, THREAD = 0, 1, 11
EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15
EPOCH_MS = 1_420_070_400_000
MEBIBYTE = 1024 * 1024
BOOST_LIMITS = {0: 10 * MEBIBYTE, 1: 10 * MEBIBYTE, 2: 50 * MEBIBYTE, 3: 100 * MEBIBYTE}


@dataclass
class Person:
    id: str
    name: str
    locale: str = "en-US"
    bot: bool = False
    takes_messages: bool = True


@dataclass
class Guild:
    id: str
    name: str
    foreign: bool = False
    boost: int = 0
    roles: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    moderating: set[str] = field(default_factory=set[str])
    """The roles whose people may delete what others wrote."""
    """Who has them."""


@dataclass
class Channel:
    id: str
    type: int
    name: str
    guild_id: str | None = None
    parent_id: str | None = None
    owner_id: str | None = None
    recipient_id: str | None = None
    archived: bool = False
    locked: bool = False
    denied: set[str] = field(default_factory=set[str])

    def revive(self) -> None:
        """Reopen an archived thread, as writing does, unless it is locked."""
        if self.locked:
            raise errors.thread_archived()
        self.archived = False


@dataclass(frozen=True)
class Attached:
    """A file that was uploaded to a channel."""

    id: str
    channel_id: str
    name: str
    data: bytes
    content_type: str
    description: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass
class Message:
    id: str
    channel_id: str
    author_id: str
    content: str = ""
    attached: list[Attached] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    flags: int = 0
    reply_to: str | None = None
    mentioned: set[str] = field(default_factory=set)
    ephemeral_for: str | None = None
    interaction_id: str | None = None
    nonce: str | int | None = None
    edited_at: str | None = None
    sent_at: str = ""
    reactions: list[str] = field(default_factory=list)
    webhook_id: str | None = None

    @property
    def thinking(self) -> bool:
        """Whether the person still sees the bot thinking."""
        return bool(self.flags & LOADING)


def now_iso() -> str:
    return datetime.now(UTC).isoformat()


class World:
    """The state behind the wire; looking up what does not exist is refused as Discord does."""

    def __init__(self, bot_id: str) -> None:
        self.bot = Person(bot_id, "nano-banana", bot=True)
        self.people: dict[str, Person] = {bot_id: self.bot}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.uploads: dict[str, Attached] = {}
        self._counter = itertools.count()

    def new_id(self) -> str:
        """Make a snowflake: milliseconds since 2015, then a counter, always growing."""
        moment = int(time.time() * 1000) - EPOCH_MS
        return str((moment << 22) + next(self._counter) % (1 << 22))

    def person(self, person_id: Id) -> Person:
        found = self.people.get(str(person_id))
        if found is None:
            raise errors.unknown_user()
        return found

    def channel(self, channel_id: Id) -> Channel:
        found = self.channels.get(str(channel_id))
        if found is None:
            raise errors.unknown_channel()
        return found

    def message(self, channel_id: Id, message_id: Id) -> Message:
        found = self.messages.get(str(message_id))
        if found is None or found.channel_id != str(channel_id):
            raise errors.unknown_message()
        return found

    def guild_of(self, channel: Channel) -> Guild | None:
        return self.guilds[channel.guild_id] if channel.guild_id else None

    def in_channel(self, channel_id: Id) -> list[Message]:
        """The messages of a channel, oldest first."""
        return [held for held in self.messages.values() if held.channel_id == str(channel_id)]

    def size_limit(self, channel: Channel) -> int:
        """The largest file in bytes that may be uploaded there."""
        guild = self.guild_of(channel)
        return BOOST_LIMITS[guild.boost if guild else 0]

    def direct_channel(self, person: Person) -> Channel:
        """Open the private channel between the bot and a person, once."""
        for channel in self.channels.values():
            if channel.recipient_id == person.id:
                return channel
        return self.add_channel(Channel(self.new_id(), DIRECT, "", recipient_id=person.id))

    def add_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def add_message(self, message: Message) -> Message:
        message.sent_at = now_iso()
        self.messages[message.id] = message
        return message

    def remove_message(self, message: Message) -> None:
        del self.messages[message.id]

    def allow_bot(self, channel: Channel, needed: Iterable[str] = ()) -> None:
        """Refuse what the bot, as a member, may not do in this channel."""
        guild = self.guild_of(channel)
        if (guild is not None and guild.foreign) or "VIEW_CHANNEL" in channel.denied:
            raise errors.missing_access()
        if not channel.denied.isdisjoint(needed):
            raise errors.missing_permission()
        if channel.recipient_id and not self.person(channel.recipient_id).takes_messages:
            raise errors.closed_to_messages()
