"""The ways in which an answer can be damaged on the wire, by name."""

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cache

END = b"\r\n\r\n"
AT_ONCE = 64 * 1024
DRIP = 0.02
"""Seconds between two bytes of what drips."""
BURST = 100 * 1024 * 1024
"""Bytes that a bomb unpacks to; on the wire it is a hundredth of that."""
LENGTH = re.compile(rb"(?i)content-length: (\d+)")
KIND = re.compile(rb"(?i)content-type: [^\r]+")


@dataclass(frozen=True)
class Damage:
    """One way, and how many bytes pass or are added; below 0 it counts from the end."""

    way: str
    at: int = 0

    @property
    def unheard(self) -> bool:
        """Whether the request is lost, too."""
        return self.way == "reset"

    @property
    def resets(self) -> bool:
        """Whether the connection is reset in place of an answer."""
        return self.way == "cut" and self.at == 0

    def of(self, answer: bytes) -> AsyncIterator[bytes]:
        """Yield what comes in place of an answer."""
        return WAYS[self.way](answer, self.at)


async def _cut(answer: bytes, at: int) -> AsyncIterator[bytes]:
    yield answer[:at]


async def _hang(answer: bytes, at: int) -> AsyncIterator[bytes]:
    yield answer[:at]
    await asyncio.Event().wait()


async def _drip(answer: bytes, at: int) -> AsyncIterator[bytes]:
    for place in range(len(answer)):
        yield answer[place : place + 1]
        await asyncio.sleep(DRIP)


async def _length(answer: bytes, at: int) -> AsyncIterator[bytes]:
    said = LENGTH.search(answer)
    assert said is not None
    told = b"Content-Length: %d" % max(int(said[1]) + at, 0)
    yield LENGTH.sub(told, answer, count=1)


async def _garbage(answer: bytes, at: int) -> AsyncIterator[bytes]:
    yield b"\x16\x03\x01 this is no HTTP" + END


async def _bomb(answer: bytes, at: int) -> AsyncIterator[bytes]:
    yield _head(answer, b"Content-Encoding: gzip\r\n") + _packed()


async def _endless(answer: bytes, at: int) -> AsyncIterator[bytes]:
    yield _head(answer)
    while True:
        yield b" " * AT_ONCE


async def _endless_head(answer: bytes, at: int) -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Endless: "
    while True:
        yield b"x" * AT_ONCE


WAYS: Mapping[str, Callable[[bytes, int], AsyncIterator[bytes]]] = {
    "cut": _cut,
    "hang": _hang,
    "drip": _drip,
    "length": _length,
    "garbage": _garbage,
    "bomb": _bomb,
    "endless": _endless,
    "endless_head": _endless_head,
}


def _head(answer: bytes, more: bytes = b"") -> bytes:
    """Begin an answer that goes on until its connection ends."""
    kind = KIND.search(answer)
    return b"HTTP/1.1 200 OK\r\n%s\r\n%s\r\n" % (kind[0] if kind else b"X-None: 1", more)


@cache
def _packed() -> bytes:
    return gzip.compress(bytes(BURST), 1)
