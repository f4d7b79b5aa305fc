"""The Telegram Bot API on 127.0.0.1: the bot's methods, the people, and what they see."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from typing_extensions import override

from tests.emulators.server import Emulator, Fault, drop
from tests.emulators.telegram_changes import CHANGING
from tests.emulators.telegram_customers import Customers
from tests.emulators.telegram_flood import FloodMeter
from tests.emulators.telegram_methods import SENDING, Method
from tests.emulators.telegram_polling import POLLING
from tests.emulators.telegram_rules import Json, Refused, flooded
from tests.emulators.telegram_spec import PUBLISHED, load_spec
from tests.emulators.telegram_trade import TRADING
from tests.emulators.telegram_view import Seen, visible
from tests.emulators.telegram_webhook import deliver
from tests.emulators.telegram_wire import Parameters, read_parameters
from tests.emulators.telegram_world import World

METHODS: dict[str, Method] = SENDING | CHANGING | POLLING | TRADING
NAMES = {name.lower(): name for name in METHODS}
TOKEN = re.compile(r"\d+:[\w-]+")
TEST_TOKEN = "1001:test-token"
FAULT_PAGE = "<html><head><title>{code}</title></head><body><h1>{code}</h1>nginx</body></html>"


class TelegramEmulator(Customers, Emulator):
    """A Bot API server for one bot, with the people who talk to it.

    `fault(place, name)` takes a method's name as the place, and these names:
    `status` (code; retry_after with 429, a reason with others; 502 and 504 are HTML pages),
    `drop_before`, `accept_then_drop`, `hang`, `torn` (the answer is cut inside the JSON) and
    `slow` (seconds; the call is accepted at once, the answer comes late).
    """

    def __init__(
        self,
        token: str = TEST_TOKEN,
        username: str = "nano_banana_bot",
        *,
        privacy: bool = True,
        mentions_pass: bool = True,
        flood_clock: Callable[[], float] | None = None,
        spec: Path = PUBLISHED,
    ) -> None:
        super().__init__()
        self.token = token
        self.mentions_pass = mentions_pass
        bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Nano Banana",
            "username": username,
        }
        flood = FloodMeter(flood_clock) if flood_clock else None
        self.world = World(bot, self.broken_rules, privacy=privacy, flood=flood)
        self._spec = load_spec(spec)

    @override
    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/file/bot{token}/{path:.+}", self._download),
            web.get("/bot{token}/{method}", self._answer),
            web.post("/bot{token}/{method}", self._answer),
        ]

    @property
    def chat_actions(self) -> list[Json]:
        """The chat actions in the order in which they came."""
        return self.world.chat_actions

    @property
    def commands(self) -> dict[str, list[Json]]:
        """The menus by `scope/language`, such as `default/` or `all_private_chats/de`."""
        return self.world.commands

    def messages(self, chat: int, thread: int | None = None) -> list[Seen]:
        """Show what a person sees in a chat now, or in one topic of it, in order."""
        return visible(self.world, self.world.chats[chat], thread)

    async def expect(
        self,
        predicate: Callable[[Seen], bool],
        *,
        chat: int | None = None,
        timeout: float = 30,  # noqa: ASYNC109 - the deadline is part of the question
    ) -> Seen:
        """Wait for a visible message that satisfies the predicate, newest first.

        Raises:
            AssertionError: none came in time; it prints the chat as it looks.
        """
        found: list[Seen] = []

        def is_there() -> bool:
            found[:] = [each for each in self._everything(chat) if predicate(each)]
            return bool(found)

        try:
            async with asyncio.timeout(timeout), self.world.changed:
                await self.world.changed.wait_for(is_there)
        except TimeoutError:
            raise AssertionError(f"no such message; what people see:\n{self.look(chat)}") from None
        return found[-1]

    async def answered(self, query: str, seconds: float = 5) -> Json:
        """Wait for the bot's answer to a query: a button, a payment or an inline question."""
        async with asyncio.timeout(seconds), self.world.changed:
            await self.world.changed.wait_for(lambda: self.world.queries.get(query) is not None)
        return self.world.queries[query] or {}

    async def deliver(self) -> list[int]:
        """Post the waiting updates to the bot's webhook and return the statuses it answered."""
        return await deliver(self.world.updates)

    def _everything(self, chat: int | None) -> list[Seen]:
        chats = [each.id for each in self.world.chats.values() if chat in {None, each.id}]
        return [message for each in chats for message in self.messages(each)]

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        found = [kept for kept in self.world.files.values() if kept.path == path]
        if request.match_info["token"] != self.token or not found:
            return web.json_response(Refused(404).wire(), status=404)
        return web.Response(body=found[0].data)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = NAMES.get(request.match_info["method"].lower(), "")
        due = self.next_fault(name)
        if due and due.name == "drop_before":
            return await drop(request)
        if due and due.name == "hang":
            await asyncio.Event().wait()
        if due and due.name == "status":
            return _status(due)
        answer = await self._result(name, request)
        if due and due.name == "accept_then_drop":
            return await drop(request)
        if due and due.name == "slow":
            await asyncio.sleep(due.values["seconds"])
        if due and due.name == "torn":
            return web.Response(text='{"ok":true,"resu', content_type="application/json")
        return web.json_response(answer, status=answer.get("error_code", 200))

    async def _result(self, name: str, request: web.Request) -> Json:
        try:
            self._check(request.match_info["token"], name)
            sent = await read_parameters(request)
            result = await self._perform(name, sent)
        except Refused as refused:
            return refused.wire()
        return {"ok": True, "result": result}

    async def _perform(self, name: str, sent: Parameters) -> Any:
        if self._spec:
            self.broken_rules += self._spec.call_faults(name, sent)
        result = await METHODS[name](self.world, sent)
        if self._spec:
            self.broken_rules += self._spec.answer_faults(name, result)
        await self.world.notify()
        return result

    def _check(self, token: str, name: str) -> None:
        if not TOKEN.fullmatch(token):
            raise Refused(404)
        if token != self.token:
            raise Refused(401)
        if not name:
            raise Refused(404, "method not found")


def _status(fault: Fault) -> web.Response:
    code: int = fault.values.get("code", 500)
    if code in {502, 504}:
        page = FAULT_PAGE.format(code=code)
        return web.Response(status=code, text=page, content_type="text/html")
    wait: int = fault.values.get("retry_after", 1)
    refused = flooded(wait) if code == 429 else Refused(code, fault.values.get("reason", ""))
    return web.json_response(refused.wire(), status=code)
