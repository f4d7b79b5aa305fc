"""The queue of updates: confirmed ones vanish, unconfirmed ones come again."""

import asyncio
from collections.abc import Iterable

from tests.emulators.telegram_rules import Json, Refused

ONLY_IF_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
LONGEST_POLL = 50  # seconds
FIRST_UPDATE = 731_000_001  # any number will do; the real service starts at a random one


class Updates:
    """What the bot has yet to confirm, and the one long poll that may wait for it."""

    def __init__(self, changed: asyncio.Condition) -> None:
        self.changed = changed
        self.webhook: Json = {}
        self.next_id = FIRST_UPDATE
        self._queue: list[Json] = []
        self._asked: frozenset[str] = frozenset()
        self.polls = 0

    @property
    def waiting(self) -> list[Json]:
        """List what is not confirmed yet."""
        return list(self._queue)

    async def push(self, update: Json) -> None:
        """Queue an update if the bot asked for its kind; it is numbered unless it says its own."""
        kind = next(name for name in update if name != "update_id")
        if not self._wants(kind):
            return
        numbered = {"update_id": self.next_id} | update
        self.next_id = numbered["update_id"] + 1
        async with self.changed:
            self._queue.append(numbered)
            self.changed.notify_all()

    def ask_for(self, kinds: Iterable[str]) -> None:
        """Remember the kinds of updates that the bot wants; none named means the usual ones."""
        self._asked = frozenset(kinds)

    def confirm(self, update: Json) -> None:
        """Drop one update that the webhook accepted."""
        self._queue.remove(update)

    def forget(self) -> None:
        """Drop everything that waits."""
        self._queue.clear()

    async def poll(self, offset: int, limit: int, seconds: int) -> list[Json]:
        """Confirm what lies before `offset` and wait for what comes after.

        A newer poll ends an older one, as on the real service: the older is refused with 409.
        """
        if self.webhook:
            raise Refused(
                409,
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._confirm_before(offset)
        async with self.changed:
            await self._first_to_come(min(seconds, LONGEST_POLL))
        return self._queue[: min(max(limit, 1), 100)]

    async def _first_to_come(self, seconds: int) -> None:
        self.polls += 1
        mine = self.polls
        self.changed.notify_all()
        try:
            async with asyncio.timeout(seconds):
                await self.changed.wait_for(lambda: self._queue or self.polls != mine)
        except TimeoutError:
            return
        if self.polls != mine:
            raise Refused(
                409,
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )

    def _confirm_before(self, offset: int) -> None:
        if offset < 0:
            self._queue = self._queue[offset:]
        else:
            self._queue = [update for update in self._queue if update["update_id"] >= offset]

    def _wants(self, kind: str) -> bool:
        return kind in self._asked if self._asked else kind not in ONLY_IF_ASKED
