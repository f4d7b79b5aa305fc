"""Everybody who talks to the program, and the chats in which they do."""

import itertools
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.crash.town import Service, Town

GROUPS = (-100_000_000_0001, -100_000_000_0002)
PEOPLE = range(11, 17)
GUILD = 9
CHANNEL_NAMES = ("general", "art", "noise")
CHANNELS = len(CHANNEL_NAMES)
QUICK, SLOW, SLOWER = 0.2, 1.2, 2.6
"""Seconds that a provider takes: too short for a status line, long enough for one, and long enough
to see it move."""
SMALL = 0.125
"""Of what is asked for: pictures are not what is looked at here, and large ones take time."""

WAITING = ("queued", "submitting")
JOB = "SELECT id FROM jobs WHERE work LIKE '%' || :marker || '%'"


@dataclass
class Crowd:
    """The people of a town, before they have said anything."""

    town: Town
    random: Random
    topics: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    channels: list[str] = field(default_factory=list[str])
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def telegram(self) -> Service:
        return self.town.services["telegram"]

    @property
    def discord(self) -> Service:
        return self.town.services["discord"]

    async def settle(self) -> None:
        """Open the chats."""
        for name in ("fal", "replicate"):
            await self.town.services[name].set("scale", SMALL)
        for person in PEOPLE:
            await self.telegram.call("user", person, f"Ann{person}")
            await self.telegram.call("dm", person)
            await self.discord.call("user", person, f"ben{person}")
        for chat in GROUPS:
            await self.telegram.call("group", chat, "Foxes", topics=True)
            for name in ("red", "arctic"):
                self.topics.append((chat, await self.telegram.call("topic", chat, name)))
        await self.discord.call("guild", GUILD, "home")
        for name in CHANNEL_NAMES:
            self.channels.append(await self.discord.call("channel", GUILD, name))
        self.channels += [await self.discord.call("dm", person) for person in PEOPLE]

    async def pace(self, seconds: float) -> None:
        """Let both providers take so long from now on."""
        for name in ("fal", "replicate"):
            await self.town.services[name].set("run_seconds", seconds)

    async def at_the_provider(self, marker: str) -> bool:
        """Wait until an order is under way; later ones are quick again."""

        async def ordered() -> object:
            return self.town.value(f"{JOB} AND status NOT IN {WAITING}", marker=marker)

        found = await self.town.until(ordered, 4)
        await self.pace(QUICK)
        return found

    async def leave(self) -> None:
        """Write down how every chat looks."""
        await self.town.record()
        await self.town.record_places([*PEOPLE, *GROUPS], self.channels)

    def marker(self) -> str:
        """Make a word that is in no other ask, nor in the id of a job: those have no hyphen."""
        return f"zq-{next(self._numbers)}-z"
