"""What people do on Discord, noted for the checker before they do it."""

from collections.abc import Iterator
from typing import Any

from tests.crash.crowd import CHANNELS, JOB, PEOPLE, SLOW, Crowd


class OnDiscord(Crowd):
    """The people who run commands, write and press there."""

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
        if await self.at_the_provider(marker):
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
        await self.at_the_provider(marker)
        return marker

    async def mention_nonsense(self) -> str:
        return await self.mention("/imagine a fox --model {}", 0)

    def _on_discord(self, jobs: int, way: str, outcome: str = "done") -> tuple[str, str]:
        channel, marker = self.random.choice(self.channels[:CHANNELS]), self.marker()
        note = {"kind": way, "platform": "discord", "jobs": jobs, "outcome": outcome}
        self.town.append("asks", {**note, "marker": marker, "chat": channel, "thread": None})
        return channel, marker


def _buttons(components: list[Any]) -> Iterator[Any]:
    for each in components:
        yield each
        yield from _buttons(each.get("components") or [])
