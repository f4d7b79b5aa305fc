"""What people do in Telegram, noted for the checker before they do it."""

from tests.crash.crowd import JOB, PEOPLE, SLOW, SLOWER, Crowd

CALM = 8.0
"""Seconds in which nothing may be owed any more."""


class OnTelegram(Crowd):
    """The people who write and press there."""

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

    async def write_for_sketch(self) -> str:
        return await self.write("a fox {} --provider sketch")

    async def write_for_slow_replicate(self) -> str:
        """Ask for something that is not ready when the order is answered."""
        await self.town.services["replicate"].call("fault", "create", "window_ends")
        await self.pace(SLOWER)
        marker = await self.write_for_replicate()
        await self.at_the_provider(marker)
        return marker

    async def write_nonsense(self) -> str:
        return await self.write("/imagine a fox --model {}", jobs=0)

    async def write_and_cancel(self, provider: str = "fal") -> str:
        """Ask for something slow and change one's mind once it is under way."""
        person = self.random.choice(PEOPLE)
        words = f"a slow fox {{}} --provider {provider}"
        await self.pace(SLOWER)
        marker = await self._write(person, person, None, words, 1, outcome="any")
        if await self.at_the_provider(marker):
            job = self.town.value(JOB, marker=marker)
            self.town.append("asks", {"kind": "cancel", "platform": "telegram", "job": job})
            self.town.telegram_asks += 1
            await self.telegram.call("say", person, f"/cancel {job}", person)
        return marker

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
        await self.at_the_provider(marker)
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
        marker = self.marker()
        note = {"kind": "words", "platform": "telegram", "jobs": jobs, "outcome": outcome}
        self.town.append("asks", {**note, "marker": marker, "chat": chat, "thread": thread})
        self.town.telegram_asks += 1
        text = words.replace("{}", marker)
        await self.telegram.call("say", person, text, chat, thread=thread)
        return marker

    async def write_while_orders_get_lost(self) -> str:
        """Ask while the provider takes the order and its answer is lost."""
        await self.town.services["fal"].call("fault", "submit", "accept_then_drop")
        return await self._write_for("any")

    async def write_while_it_fails(self) -> str:
        await self.town.services["replicate"].call("fault", "result", "failed")
        return await self._write_for("any", " --provider replicate")

    async def write_while_the_account_is_locked(self) -> str:
        """Ask when nobody else's order can be the one that is refused."""
        await self.town.until(self.town.nothing_owed, CALM)
        await self.town.services["fal"].call("fault", "submit", "locked")
        return await self._write_for("any")

    async def write_while_telegram_fails(self) -> str:
        await self.telegram.call("fault", "sendPhoto", "status", code=500)
        return await self.write()

    async def _write_for(self, outcome: str, flags: str = "") -> str:
        person = self.random.choice(PEOPLE)
        return await self._write(person, person, None, f"an unlucky fox {{}}{flags}", 1, outcome)
