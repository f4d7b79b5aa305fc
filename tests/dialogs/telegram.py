"""A person on Telegram."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from typing_extensions import override

from core.ports import Pace
from tests.bot.telegram_chat.home import chatting
from tests.dialogs.dialog import DEADLINE, Dialog, Found, Heard
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_view import Seen

ANNA = 501
PACE = Pace(first_after=0.05, every=0.05)


class TelegramDialog(Dialog):
    """What one person writes and reads in one chat, or in one topic of it."""

    def __init__(
        self,
        service: TelegramEmulator,
        person: int,
        chat: int | None = None,
        topic: int | None = None,
    ) -> None:
        super().__init__()
        self._service = service
        self._person = person
        self._chat = person if chat is None else chat
        self._topic = topic

    @override
    async def say(self, words: str, *, answering: Heard | None = None) -> None:
        under = int(answering.place) if answering else None
        await self._service.say(self._person, words, self._chat, thread=self._topic, reply_to=under)

    @override
    async def push(self, heard: Heard, sent: str) -> None:
        await self._service.press(self._person, int(heard.place), self._chat, sent)

    @override
    def seen(self) -> Sequence[Heard]:
        said = (one for one in self._service.messages(self._chat, self._topic) if one.by_bot)
        albums = groupby(said, key=lambda one: one.album or one.message_id)
        return [_heard(list(album)) for _, album in albums]

    @override
    async def until(self, found: Callable[[], Found | None]) -> Found:
        changed = self._service.world.changed
        async with asyncio.timeout(DEADLINE), changed:
            await changed.wait_for(lambda: bool(found()))
        result = found()
        assert result is not None
        return result


def _heard(album: Sequence[Seen]) -> Heard:
    return Heard(
        place=str(album[0].message_id),
        text="\n".join(_lines(one.text or one.caption for one in album)),
        pictures=tuple(data for one in album if (data := one.uploaded or one.document)),
        buttons={label: data for one in album for row in one.buttons for label, data in row},
    )


def _lines(said: Iterable[str]) -> Iterable[str]:
    return filter(None, said)


@asynccontextmanager
async def on_telegram(
    folder: Path, locale: str = "en", **settings: Any
) -> AsyncGenerator[TelegramDialog]:
    """Open a studio for one person who writes to the bot in private."""
    async with TelegramEmulator() as service:
        service.user(ANNA, "Anna", locale)
        service.dm(ANNA)
        async with chatting(service, folder, pace=PACE, **settings):
            yield TelegramDialog(service, ANNA)
        assert service.broken_rules == []
