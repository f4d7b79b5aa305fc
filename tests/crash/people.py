"""The people: what they ask in which chat, noted for the checker before they ask it."""

import asyncio
import itertools
from collections.abc import Iterator
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
class People:
    """Everybody who talks to the program."""

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

    # --- Telegram ------------------------------------------------------------------------------

    async def write(self, words: str = "a fox {} in the snow", jobs: int = 1) -> str:
        """Ask in private."""
        person = self.random.choice(PEOPLE)
        return await self._write(person, person, None, words, jobs)

    async def write_in_topic(self, words: str = "a fox {} in a topic", jobs: int = 1) -> str:
        """Ask in a topic of a group."""
        chat, thread = self.random.choice(self.topics)
        words = f"/imagine@nano_banana_bot {words}"
        return await self._write(self.random.choice(PEOPLE), chat, thread, words, jobs)

    async def write_for_album(self) -> str:
        return await self.write("two foxes {} --count 2")

    async def write_for_replicate(self) -> str:
        return await self.write("a fox {} --provider replicate")

    async def write_for_slow_replicate(self) -> str:
        """Ask for something that is not ready when the order is answered."""
        await self.town.services["replicate"].call("fault", "create", "window_ends")
        await self.pace(SLOWER)
        marker = await self.write_for_replicate()
        await self._at_the_provider(marker)
        return marker

    async def write_nonsense(self) -> str:
        return await self.write("/imagine a fox --model {}", jobs=0)

    async def write_and_cancel(self, provider: str = "fal") -> str:
        """Ask for something slow and change one's mind once it is under way."""
        person = self.random.choice(PEOPLE)
        words = f"a slow fox {{}} --provider {provider}"
        await self.pace(SLOWER)
        marker = await self._write(person, person, None, words, 1, outcome="any")
        if await self._at_the_provider(marker):
            job = self.town.value(JOB, marker=marker)
            self.town.append("asks", {"kind": "cancel", "platform": "telegram", "job": job})
            self.town.telegram_asks += 1
            await self.telegram.call("say", person, f"/cancel {job}", person)
        return marker

    async def _at_the_provider(self, marker: str) -> bool:
        """Wait until an order is under way; later ones are quick again."""

        async def ordered() -> object:
            return self.town.value(f"{JOB} AND status NOT IN {WAITING}", marker=marker)

        found = await self.town.until(ordered, 4)
        await self.pace(QUICK)
        return found

    async def cancel_at_replicate(self) -> str:
        await self.town.services["replicate"].call("fault", "create", "window_ends")
        return await self.write_and_cancel("replicate")

    async def write_very_slowly(self) -> str:
        """Ask for something whose status line moves."""
        return await self.write_slowly(SLOWER)

    async def write_slowly(self, seconds: float = SLOW) -> str:
        """Ask for something that takes a status line."""
        await self.pace(seconds)
        marker = await self.write()
        await self._at_the_provider(marker)
        return marker

    async def press_again(self) -> str:
        """Press a button below a delivered picture; without one, ask for it."""
        found = await self._shown()
        if not found:
            return await self.write()
        person, message, job = found
        self.town.append("asks", {"kind": "press", "platform": "telegram", "job": job})
        self.town.telegram_asks += 1
        await self.telegram.call("press", person, message, person, f"again:{job}")
        return job

    async def _shown(self) -> tuple[int, int, str] | None:
        for person in self.random.sample(PEOPLE, len(PEOPLE)):
            for each in await self.telegram.call("messages", person):
                tokens = [token for row in each["buttons"] for _, token in row]
                again = [token for token in tokens if token.startswith("again:")]
                if again:
                    return person, each["message_id"], again[0].partition(":")[2]
        return None

    async def _write(
        self,
        person: int,
        chat: int,
        thread: int | None,
        words: str,
        jobs: int,
        outcome: str = "done",
    ) -> str:
        marker = self._marker()
        note = {"kind": "words", "platform": "telegram", "jobs": jobs, "outcome": outcome}
        self.town.append("asks", {**note, "marker": marker, "chat": chat, "thread": thread})
        self.town.telegram_asks += 1
        text = words.replace("{}", marker)
        await self.telegram.call("say", person, text, chat, thread=thread)
        return marker

    # --- Discord -------------------------------------------------------------------------------

    async def slash(self, prompt: str = "a fox {}", jobs: int = 1, **options: Any) -> str:
        """Run a slash command."""
        channel, marker = self._on_discord(jobs, "slash")
        person = self.random.choice(PEOPLE)
        said = {"prompt": prompt.replace("{}", marker), **options}
        heard = await self.discord.call("slash", person, channel, "imagine", **said)
        self.town.append("slashes", {"marker": marker, "id": heard})
        return marker

    async def slash_for_replicate(self) -> str:
        return await self.slash(provider="replicate")

    async def slash_aside(self) -> str:
        """Ask for two pictures that only one person sees: the second follows the first."""
        return await self.slash("a {red,white} fox {}", 2, private=True)

    async def press_on_discord(self) -> str:
        """Press a button below a picture that is shown there; without one, ask for it."""
        found = await self._on_show("again:")
        if not found:
            return await self.slash()
        person, message, token = found
        job = token.partition(":")[2]
        self.town.append("asks", {"kind": "press", "platform": "discord", "job": job})
        heard = await self.discord.call("press", person, message, token)
        self.town.append("presses", {"id": heard, "job": job})
        return job

    async def mention_and_cancel(self) -> str:
        """Ask for something slow and press the button below its status line."""
        person = self.random.choice(PEOPLE)
        await self.pace(SLOW)
        marker = await self.mention("a doubtful fox {}", 1, person=person, outcome="any")
        if await self._at_the_provider(marker):
            token = f"cancel:{self.town.value(JOB, marker=marker)}"
            found = await self._on_show(token)
            if found:
                self.town.append("asks", {"kind": "cancel", "platform": "discord", "job": token})
                await self.discord.call("press", person, found[1], token)
        return marker

    async def _on_show(self, token: str) -> tuple[int, str, str] | None:
        """Find a button in the channels, and somebody who sees it."""
        for channel in self.random.sample(self.channels[:CHANNELS], CHANNELS):
            for each in await self.discord.call("messages", channel):
                reader = int(each["ephemeral_for"] or self.random.choice(PEOPLE))
                named = [one.get("custom_id", "") for one in _buttons(each["components"])]
                for one in named:
                    if one.startswith(token):
                        return reader, each["id"], one
        return None

    async def slash_nonsense(self) -> str:
        channel, marker = self._on_discord(0, "slash")
        person = self.random.choice(PEOPLE)
        said = {"prompt": "a fox", "model": marker}
        heard = await self.discord.call("slash", person, channel, "imagine", **said)
        self.town.append("slashes", {"marker": marker, "id": heard})
        return marker

    async def mention(
        self,
        words: str = "a {red,white} fox {}",
        jobs: int = 2,
        *,
        person: int = 0,
        outcome: str = "done",
    ) -> str:
        """Write to the bot in a channel."""
        channel, marker = self._on_discord(jobs, "mention", outcome)
        said = f"<@1> {words.replace('{}', marker)}"
        await self.discord.call("say", person or self.random.choice(PEOPLE), channel, said)
        return marker

    async def mention_slowly(self) -> str:
        await self.pace(SLOW)
        marker = await self.mention("a patient fox {}", 1)
        await self._at_the_provider(marker)
        return marker

    async def mention_nonsense(self) -> str:
        return await self.mention("/imagine a fox --model {}", 0)

    def _on_discord(self, jobs: int, way: str, outcome: str = "done") -> tuple[str, str]:
        channel, marker = self.random.choice(self.channels[:CHANNELS]), self._marker()
        note = {"kind": way, "platform": "discord", "jobs": jobs, "outcome": outcome}
        self.town.append("asks", {**note, "marker": marker, "chat": channel, "thread": None})
        return channel, marker

    # --- trouble -------------------------------------------------------------------------------

    async def write_while_orders_get_lost(self) -> str:
        """Ask while the provider takes the order and its answer is lost."""
        await self.town.services["fal"].call("fault", "submit", "accept_then_drop")
        return await self._write_for("any")

    async def write_while_it_fails(self) -> str:
        await self.town.services["replicate"].call("fault", "result", "failed")
        return await self._write_for("any", " --provider replicate")

    async def write_while_telegram_fails(self) -> str:
        await self.telegram.call("fault", "sendPhoto", "status", code=500)
        return await self.write()

    async def _write_for(self, outcome: str, flags: str = "") -> str:
        person = self.random.choice(PEOPLE)
        return await self._write(person, person, None, f"an unlucky fox {{}}{flags}", 1, outcome)

    def _marker(self) -> str:
        return f"zq{next(self._numbers)}z"

    async def any_of(self, count: int) -> None:
        """Ask in several ways at once, as people do."""
        telegram = [self.write, self.write_in_topic, self.write_for_album, self.press_again]
        telegram += [self.write_for_replicate, self.write_nonsense, self.write_slowly]
        discord = [self.slash, self.slash_for_replicate, self.slash_aside, self.mention]
        discord += [self.slash_nonsense, self.mention_nonsense]
        discord += [self.press_on_discord, self.mention_and_cancel]
        listens = await self.town.discord_listens()
        ways = [*telegram, *(discord if listens else [])]
        await asyncio.gather(*(way() for way in self.random.choices(ways, k=count)))

    async def leave(self) -> None:
        """Write down how every chat looks."""
        await self.town.record()
        await self.town.record_places([*PEOPLE, *GROUPS], self.channels)


def _buttons(components: list[Any]) -> Iterator[Any]:
    for each in components:
        yield each
        yield from _buttons(each.get("components") or [])
