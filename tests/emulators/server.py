"""The loopback base of every emulator: a free port, recorded calls, faults scripted by name."""

import asyncio
import hashlib
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Call:
    """One request as it came over the wire."""

    at: float
    sender: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def digest(self) -> str:
        """Name the body without keeping it apart."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass
class Fault:
    """What to do wrong, once, when its place is reached."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    met: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set once its place was reached; who gives up on an answer first waits for this."""


class Emulator:
    """A service on 127.0.0.1 that records what it is sent and misbehaves on request.

    A subclass adds its routes in `routes` and asks `self.next_fault(place)` wherever it can fail.
    """

    max_body = 64 * 1024 * 1024

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.broken_rules: list[str] = []
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None
        self.port = 0
        self.front = ""
        """The address of a proxy that stands before it; what it gives out leads there."""

    @property
    def url(self) -> str:
        """The address to point a client at, without a trailing slash."""
        return self.front or f"http://127.0.0.1:{self.port}"

    def routes(self) -> list[web.RouteDef]:
        """List the routes of the service."""
        raise NotImplementedError

    def fault(self, place: str, name: str, times: int = 1, **values: Any) -> Fault:
        """Make the next `times` visits to `place` fail as `name` says; give the last of them."""
        due = [Fault(name, values) for _ in range(times)]
        self._faults[place].extend(due)
        return due[-1]

    def next_fault(self, place: str) -> Fault | None:
        """Take the fault that is due at `place`, if one is."""
        due = self._faults[place]
        if not due:
            return None
        due[0].met.set()
        return due.popleft()

    def mend(self) -> int:
        """Fail no more; tell how many faults were not met."""
        left = sum(map(len, self._faults.values()))
        self._faults.clear()
        return left

    def called(self, method: str, path_part: str = "") -> list[Call]:
        """Select the recorded calls of one method whose path contains `path_part`."""
        return [call for call in self.calls if call.method == method and path_part in call.path]

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._record], client_max_size=self.max_body)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _record(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        body = await request.read() if request.body_exists else b""
        self.calls.append(
            Call(
                at=time.time(),
                sender=request.remote or "",
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=dict(request.headers),
                body=body,
            )
        )
        return await handler(request)


async def drop(request: web.Request) -> web.StreamResponse:
    """Cut the connection without an answer, as a crashed server does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
