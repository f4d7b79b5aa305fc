"""Carries a request to its route: token, faults, forms, the official schema, answers, limits."""

import asyncio
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web
from typing_extensions import override

from tests.emulators import discord_shapes as shapes
from tests.emulators.discord_errors import Refused, unauthorized
from tests.emulators.discord_forms import Form, read_form
from tests.emulators.discord_gateway import Gateway
from tests.emulators.discord_spec import official
from tests.emulators.discord_world import Guild, Json, Message, World
from tests.emulators.server import Emulator, Fault, drop

BOT_ID = "1"
TOKEN = "MQ.loopback.token"
RATE_LIMIT = {
    "X-RateLimit-Limit": "50",
    "X-RateLimit-Remaining": "49",
    "X-RateLimit-Reset-After": "1.000",
}


@dataclass(frozen=True)
class Asked:
    """A request whose form is read."""

    path: dict[str, str]
    query: dict[str, str]
    form: Form

    @property
    def payload(self) -> Any:
        return self.form.payload


Answer = tuple[int, Any]
Handler = Callable[[Asked], Answer]


class DiscordWire(Emulator):
    """The parts that every group of routes stands on."""

    max_body = 512 * 1024 * 1024

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        self.world = World(BOT_ID)
        self.gateway = Gateway(self.world, token, self.next_fault)
        self._news = asyncio.Event()

    @override
    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.gateway.address = self.gateway_url
        return self

    @override
    async def __aexit__(self, *error: object) -> None:
        await self.gateway.close_all()
        await super().__aexit__(*error)

    @property
    def api_url(self) -> str:
        """Where a client's REST base address points."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway/ws/"

    @property
    def cdn_url(self) -> str:
        return f"{self.url}/cdn"

    @property
    def listeners(self) -> int:
        """How many shards are connected now."""
        return sum(session.link is not None for session in self.gateway.sessions.values())

    # --- waiting -------------------------------------------------------------------------------

    def changed(self) -> None:
        """Wake whoever waits for something to be seen."""
        self._news.set()
        self._news = asyncio.Event()

    async def until(self, found: Callable[[], Any], seconds: float) -> Any:
        """Wait until `found` answers something true.

        Raises:
            TimeoutError: nothing was found in time.
        """
        async with asyncio.timeout(seconds):
            while not (result := found()):
                await self._news.wait()
            return result

    # --- serving -------------------------------------------------------------------------------

    def route(
        self, method: str, template: str, handler: Handler, *, open_to_all: bool = False
    ) -> web.RouteDef:
        """Serve `template` under /api/v10; the fault's place is "METHOD /template"."""

        async def serve(request: web.Request) -> web.StreamResponse:
            fault = self.next_fault(f"{method} {template}")
            if fault is not None and (early := await _fails_before(fault, request)) is not None:
                return early
            response = await self._served(request, template, handler, open_to_all=open_to_all)
            self.changed()
            return await _failed_after(fault, request) or response

        return web.route(method, f"/api/v10{template}", serve)

    async def _served(
        self, request: web.Request, template: str, handler: Handler, *, open_to_all: bool
    ) -> web.Response:
        try:
            if not open_to_all and request.headers.get("Authorization") != f"Bot {self.token}":
                raise unauthorized()
            form = read_form(request.headers.get("Content-Type", ""), await request.read())
            self._check(request.method, template, form)
            asked = Asked(dict(request.match_info), dict(request.query), form)
            status, body = handler(asked)
        except Refused as refused:
            status, body = refused.status, refused.body
        limited = {} if template.endswith("/callback") else _limits(request.method + template)
        return _json(status, body, limited)

    def _check(self, method: str, template: str, form: Form) -> None:
        spec = official()
        if spec is not None:
            self.broken_rules.extend(spec.check(method, template, form.payload))

    # --- telling the bot -----------------------------------------------------------------------

    def shape(self, message: Message) -> Json:
        """A whole message as its author or a person in the channel sees it."""
        return shapes.message(message, self.world, self.url)

    def tell_message(self, event: str, message: Message) -> None:
        """Tell the bot of a message, as far as its intents let it see."""
        channel = self.world.channel(message.channel_id)
        guild = self.world.guild_of(channel)
        if message.ephemeral_for or (guild is not None and guild.foreign):
            return
        needs = 1 << 12 if guild is None else 1 << 9
        guild_id = guild.id if guild else None
        self.gateway.tell(event, self._visible(message, guild), guild_id, needs)

    def _visible(self, message: Message, guild: Guild | None) -> Json:
        payload = self.shape(message)
        author = self.world.person(message.author_id)
        guild_id = guild.id if guild else None
        if guild is not None:
            payload |= {"guild_id": guild_id, "member": shapes.member(author, guild, whole=False)}
        bot = self.world.bot.id
        near = guild_id is None or message.author_id == bot or bot in message.mentioned
        if near or self.gateway.intents(guild_id) & 1 << 15:
            return payload
        return {**payload, "content": "", "embeds": [], "attachments": [], "components": []}


async def _fails_before(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """Fail before anything is done; None lets the request through."""
    if fault.name == "drop_before":
        return await drop(request)
    if fault.name == "hang":
        await asyncio.sleep(fault.values.get("seconds", 3600))
        return await drop(request)
    if fault.name == "late":
        await asyncio.sleep(fault.values["seconds"])
    if fault.name == "status":
        return _failure(fault)
    return None


async def _failed_after(fault: Fault | None, request: web.Request) -> web.StreamResponse | None:
    """Fail although everything was done."""
    if fault is not None and fault.name == "accept_then_drop":
        return await drop(request)
    if fault is not None and fault.name == "accept_then_status":
        return _failure(fault)
    return None


def _failure(fault: Fault) -> web.Response:
    status = fault.values["status"]
    if status != 429:
        body = {"message": fault.values.get("message", f"{status}"), "code": 0}
        return _json(status, {**body, "code": fault.values.get("code", 0)}, {})
    wait = fault.values.get("retry_after", 0.05)
    everywhere = fault.values.get("everywhere", False)
    scope = fault.values.get("scope", "global" if everywhere else "user")
    body = {"message": "You are being rate limited.", "retry_after": wait, "global": everywhere}
    headers = {"Retry-After": f"{wait:.3f}", "Via": "1.1 loopback", "X-RateLimit-Scope": scope}
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    return _json(429, body, headers)


def _limits(place: str) -> dict[str, str]:
    return {**RATE_LIMIT, "X-RateLimit-Bucket": f"{zlib.crc32(place.encode()):08x}"}


def _json(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )
