"""One shard's session and the websocket it speaks through, compressed and counted."""

import asyncio
import json
import time
import zlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.emulators.discord_world import Json

DISPATCH = 0
MAX_PAYLOAD, EVENTS_PER_MINUTE = 4096, 120


class GatewayClosed(Exception):
    """The service hangs up with a close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass
class Session:
    """What a shard has been told and how far it has heard it."""

    id: str
    shard: int
    shards: int
    intents: int
    events: list[Json] = field(default_factory=list[Json])
    heard: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    link: "Link | None" = None

    def tell(self, name: str, data: Json) -> None:
        """Queue an event; it waits for a resume while nobody is connected."""
        sequence = len(self.events) + 1
        self.events.append({"op": DISPATCH, "t": name, "s": sequence, "d": data})
        self.news.set()


class Link:
    """One connected websocket, compressed if its query asked for it."""

    def __init__(self, socket: web.WebSocketResponse, *, compressed: bool) -> None:
        self.socket = socket
        self._deflate = zlib.compressobj() if compressed else None
        self._turn = asyncio.Lock()
        self._heard: deque[float] = deque(maxlen=EVENTS_PER_MINUTE)
        self._hung_up: int | None = None

    @property
    def close_code(self) -> int | None:
        """Why the link ended: our own code first, then the client's."""
        return self._hung_up or self.socket.close_code

    async def send(self, payload: Json) -> None:
        text = json.dumps(payload)
        async with self._turn:
            if self._deflate is None:
                await self.socket.send_str(text)
                return
            packed = self._deflate.compress(text.encode())
            await self.socket.send_bytes(packed + self._deflate.flush(zlib.Z_SYNC_FLUSH))

    async def hang_up(self, code: int, reason: str = "") -> None:
        self._hung_up = code
        await self.socket.close(code=code, message=reason.encode())

    def count(self, data: str | bytes) -> None:
        """Hang up on a client that sends too much or too often."""
        size = len(data.encode() if isinstance(data, str) else data)
        if size > MAX_PAYLOAD:
            raise GatewayClosed(4002, "Decode error.")
        moment = time.monotonic()
        if len(self._heard) == EVENTS_PER_MINUTE and moment - self._heard[0] < 60:
            raise GatewayClosed(4008, "Rate limited.")
        self._heard.append(moment)


async def payloads(link: Link) -> AsyncIterator[Json]:
    """Read what the client sends until the socket closes."""
    async for message in link.socket:
        if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
            raise GatewayClosed(4002, "Decode error.")
        link.count(message.data)
        try:
            payload = json.loads(message.data)
        except ValueError as error:
            raise GatewayClosed(4002, "Decode error.") from error
        yield payload
