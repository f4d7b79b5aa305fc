"""The people, on every platform at once: what they ask is noted before they ask it."""

import asyncio

from tests.crash.on_discord import OnDiscord
from tests.crash.on_telegram import OnTelegram


class People(OnTelegram, OnDiscord):
    """Everybody who talks to the program."""

    async def any_of(self, count: int) -> None:
        """Ask in several ways at once, as people do."""
        telegram = [self.write, self.write_in_topic, self.write_for_album, self.press_again]
        telegram += [self.write_for_replicate, self.write_for_sketch]
        telegram += [self.write_nonsense, self.write_slowly]
        discord = [self.slash, self.slash_for_replicate, self.slash_aside, self.mention]
        discord += [self.slash_nonsense, self.mention_nonsense]
        discord += [self.press_on_discord, self.mention_and_cancel]
        listens = await self.town.discord_listens()
        ways = [*telegram, *(discord if listens else [])]
        await asyncio.gather(*(way() for way in self.random.choices(ways, k=count)))
