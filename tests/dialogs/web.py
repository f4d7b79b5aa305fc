"""A person in the web chat, by its HTTP API; the page itself is tested with a browser."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from typing_extensions import override

from tests.bot.web_chat.home import web_chat_at
from tests.bot.web_chat.stream import events
from tests.dialogs.dialog import DEADLINE, Dialog, Found, Heard


class WebDialog(Dialog):
    """What an open page sends and shows."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        super().__init__()
        self.client = client
        self._lines: dict[str, Heard] = {}
        self._changed = asyncio.Condition()

    @override
    async def say(self, words: str, *, answering: Heard | None = None) -> None:
        under = answering.place if answering else ""
        await self._send("say", words=words, reply_to=under)

    @override
    async def push(self, heard: Heard, sent: str) -> None:
        await self._send("press", token=sent)

    async def _send(self, way: str, **said: str) -> None:
        answer = await self.client.post(f"/api/{way}", json={"id": uuid4().hex, **said})
        assert answer.status_code == 202, answer.text

    @override
    def seen(self) -> Sequence[Heard]:
        return list(self._lines.values())

    @override
    async def until(self, found: Callable[[], Found | None]) -> Found:
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(lambda: bool(found()))
        result = found()
        assert result is not None
        return result

    async def listen(self) -> None:
        """Keep what the page would show."""
        async with events(self.client) as stream:
            async for event in stream:
                await self._take(event.event, json.loads(event.data))
                async with self._changed:
                    self._changed.notify_all()

    async def _take(self, kind: str, told: Any) -> None:
        match kind:
            case "line" if told["who"] == "studio":
                self._lines[told["key"]] = await self._heard(told)
            case "status":
                stop = {told["cancel"]: told["token"]}
                self._lines[told["job"]] = Heard(place=told["job"], text=told["text"], buttons=stop)
            case "ended":
                self._lines.pop(told, None)
            case "gone":
                for key in told:
                    self._lines.pop(key, None)
            case _:
                pass

    async def _heard(self, line: Any) -> Heard:
        shots = [await self.client.get(shot["source"]) for shot in line["shots"]]
        return Heard(
            place=line["key"],
            text=f"{line['text']}\n{line['recipe']}",
            pictures=tuple(shot.raise_for_status().content for shot in shots),
            buttons={button["label"]: button["token"] for button in line["buttons"]},
        )


@asynccontextmanager
async def page(url: str, link: str, locale: str = "en") -> AsyncGenerator[WebDialog]:
    """Sign in and keep a page open."""
    headers = {"Origin": url, "Accept-Language": locale}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        await client.get(link)
        dialog = WebDialog(client)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(dialog.listen())
            yield dialog
            listening.cancel()


@asynccontextmanager
async def in_the_web_chat(
    folder: Path, locale: str = "en", **settings: Any
) -> AsyncGenerator[WebDialog]:
    """Open a studio and its page."""
    async with (
        web_chat_at(folder, **settings) as house,
        page(house.url, house.link, locale) as dialog,
    ):
        yield dialog
