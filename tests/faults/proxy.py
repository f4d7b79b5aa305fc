"""A proxy between a real client and an emulator that damages single answers on the wire."""

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from tests.emulators.server import Emulator
from tests.faults.damage import AT_ONCE, END, Damage

GONE = (ConnectionError, asyncio.IncompleteReadError)


@dataclass
class Plan:
    """Which requests are damaged: those whose first line fits, after `skip` of them, `times`."""

    wanted: re.Pattern[str]
    damage: Damage
    times: int
    skip: int = 0

    def take(self, line: str) -> Damage | None:
        """Tell what to do to the answer of this request, if anything."""
        if self.wanted.search(line) is None:
            return None
        if self.skip:
            self.skip -= 1
            return None
        self.times -= 1
        return self.damage if self.times >= 0 else None


class Proxy:
    """Stands before an emulator, which gives out this address as its own; one request each."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._server: asyncio.Server | None = None
        self._plan: Plan | None = None
        self.requests: list[str] = []
        """The first line of every request, answered or not."""
        self.open = 0
        """Connections that the client has not left."""
        self.left = asyncio.Event()
        self.taken = 0
        """The most bytes of a damaged answer that a client let come."""
        self.port = 0

    @property
    def url(self) -> str:
        """The address to point a client at, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.listen()
        self._emulator.front = self.url
        return self

    async def __aexit__(self, *_: object) -> None:
        self.shut()

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.close()

    def damage(self, wanted: str, damage: Damage, times: int = 1, skip: int = 0) -> None:
        """Damage the next answers to requests whose first line fits the pattern `wanted`."""
        self._plan = Plan(re.compile(wanted), damage, times, skip)
        self.taken = 0

    def mend(self) -> int:
        """Damage nothing more; tell how many damages were not done."""
        left = max(self._plan.times, 0) if self._plan else 0
        self._plan = None
        self.taken = 0
        return left

    async def quiet(self) -> None:
        """Wait until every client has left."""
        while self.open:
            self.left.clear()
            await self.left.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            with suppress(*GONE):
                await self._request(reader, writer)
        finally:
            writer.close()
            with suppress(*GONE):
                await writer.wait_closed()
            self.open -= 1
            self.left.set()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(END)
        line = head.partition(b"\r\n")[0].decode("latin-1")
        self.requests.append(line)
        damage = self._plan.take(line) if self._plan else None
        if damage and damage.unheard:
            return _reset(writer)
        above, below = await asyncio.open_connection("127.0.0.1", self._emulator.port)
        try:
            below.write(_single(head))
            answering = self._spoil(damage, above) if damage else _read(above)
            await _first(_pass(_read(reader), below), self._answer(answering, writer))
        finally:
            below.close()
            with suppress(*GONE):
                await below.wait_closed()
        if damage and damage.resets:
            _reset(writer)
        return None

    async def _answer(self, parts: AsyncIterator[bytes], writer: asyncio.StreamWriter) -> None:
        try:
            await _pass(parts, writer)
        except ConnectionError:
            _reset(writer)

    async def _spoil(self, damage: Damage, above: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Read the whole answer, and yield what is left of it."""
        sent = 0
        async for part in damage.of(await above.read()):
            yield part
            sent += len(part)
            self.taken = max(self.taken, sent)


def _single(head: bytes) -> bytes:
    """Ask for an answer that ends with its connection, unless it is to become a socket."""
    if re.search(rb"(?i)\r\nupgrade:", head):
        return head
    kept = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head.removesuffix(END))
    return kept + b"\r\nConnection: close" + END


async def _read(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while part := await reader.read(AT_ONCE):
        yield part


async def _pass(parts: AsyncIterator[bytes], writer: asyncio.StreamWriter) -> None:
    async for part in parts:
        writer.write(part)
        await writer.drain()


async def _first(*ways: Coroutine[object, object, None]) -> None:
    """Run both ways until one of them ends: either side may leave first."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Cut a connection so that the other side sees it was cut."""
    raw: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
