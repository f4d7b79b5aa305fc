"""Files that a service keeps and serves: whole, in ranges, or as wrongly as a fault says."""

import asyncio
import re
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from tests.emulators.misbehave import ANY, hang_up, misbehave
from tests.emulators.server import Fault

CHUNK = 64 * 1024
FAULTS = ANY | {"truncated", "wrong_type", "zero", "endless", "drip", "lying_length", "garbage"}


@dataclass
class Item:
    """One file; its bytes are made when they are first wanted."""

    read: Callable[[], bytes]
    content_type: str


class Shelf:
    """All files of one host, by name."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def put(
        self, read: Callable[[], bytes], content_type: str, ending: str = "bin", name: str = ""
    ) -> str:
        """Keep a file and return its name."""
        name = name or f"{secrets.token_hex(12)}.{ending}"
        self._items[name] = Item(read, content_type)
        return name

    def find(self, name: str) -> Item | None:
        """Return a file, or None when there is none."""
        return self._items.get(name)

    def remove(self, name: str) -> None:
        """Forget a file."""
        self._items.pop(name, None)

    async def serve(
        self, request: web.Request, name: str, fault: Fault | None
    ) -> web.StreamResponse:
        """Answer a GET for a file."""
        item = self.find(name)
        if fault is not None and fault.name in ANY:
            return await misbehave(request, fault)
        if item is None:
            return web.json_response({"detail": "Not Found"}, status=404)
        if fault is not None:
            return await _spoil(request, item, fault)
        return _whole_or_range(request, item)


def _whole_or_range(request: web.Request, item: Item) -> web.Response:
    content = item.read()
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{hash(content) & 0xFFFFFFFF:x}"'}
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if wanted is None:
        return web.Response(body=content, content_type=item.content_type, headers=headers)
    first = int(wanted[1])
    last = min(int(wanted[2] or len(content)), len(content) - 1)
    if first > last:
        headers["Content-Range"] = f"bytes */{len(content)}"
        return web.Response(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    part = content[first : last + 1]
    return web.Response(status=206, body=part, content_type=item.content_type, headers=headers)


async def _spoil(request: web.Request, item: Item, fault: Fault) -> web.StreamResponse:
    content = item.read()
    half = content[: len(content) // 2]
    match fault.name:
        case "wrong_type":
            return web.Response(text="<html>Not here</html>", content_type="text/html")
        case "zero":
            return web.Response(body=b"", content_type=item.content_type)
        case "garbage":
            return web.Response(body=bytes(len(half)), content_type=item.content_type)
        case "lying_length":
            return web.Response(body=half, content_type=item.content_type)
        case "truncated":
            return await _cut_short(request, item, half, len(content))
        case "drip":
            return await _drip(request, item, float(fault.values.get("seconds", 0.01)))
        case _:
            return await _flood(request, item, int(fault.values.get("size", 0)))


async def _cut_short(
    request: web.Request, item: Item, half: bytes, length: int
) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": str(length)})
    answer.content_type = item.content_type
    await answer.prepare(request)
    await answer.write(half)
    hang_up(request)
    return answer


async def _drip(request: web.Request, item: Item, seconds: float) -> web.StreamResponse:
    answer = web.StreamResponse()
    answer.content_type = item.content_type
    await answer.prepare(request)
    with suppress(ConnectionError):  # the client may leave
        for byte in item.read():
            await answer.write(bytes((byte,)))
            await asyncio.sleep(seconds)
    return answer


async def _flood(request: web.Request, item: Item, size: int) -> web.StreamResponse:
    """Send the picture and then zeros: `size` bytes in all, announced; or without an end."""
    answer = web.StreamResponse(headers={"Content-Length": str(size)} if size else {})
    answer.content_type = item.content_type
    await answer.prepare(request)
    content = item.read()
    left = size - len(content) if size else sys.maxsize
    with suppress(ConnectionError):  # the client may leave
        await answer.write(content)
        while left > 0:
            await answer.write(bytes(min(CHUNK, left)))
            left -= CHUNK
    return answer
