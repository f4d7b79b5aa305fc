"""Fetching what was made: vetted hosts, no key, no redirect, an end in time and in bytes."""

import asyncio
import base64
import binascii
from http import HTTPStatus
from typing import Self
from urllib.parse import quote

import httpcore
import httpx

from core.errors import ProviderError, ProviderUnavailable, ResultLost
from core.providers.guard import Unsafe, VettedBackend, check_url
from core.providers.incoming import TooLarge, gathered, image_type
from core.providers.tls import authorities
from core.providers.tries import patiently

MOST_BYTES = 64 * 1024 * 1024
WRITTEN = "%/?#[]@:!$&'()*+,;=~"
"""Characters that an address may hold; as browsers do, all others are written in their codes."""
LOST = frozenset({403, 404, 410})
HEADERS = [("Accept", "image/*"), ("Accept-Encoding", "identity")]
TIMEOUTS = {"connect": 10.0, "read": 30.0, "write": 10.0, "pool": 30.0}
BROKEN = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    TimeoutError,
)


class Downloads:
    """Reads pictures from wherever a provider put them, over connections of its own."""

    def __init__(self, provider: str, trusted_hosts: frozenset[str], seconds: float) -> None:
        self._provider = provider
        self._trusted = trusted_hosts
        self._seconds = seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=authorities(),
            network_backend=VettedBackend(trusted_hosts),
            max_connections=100,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def picture(self, url: str) -> bytes:
        """Read one picture, with a few tries.

        Raises:
            ProviderUnavailable: not now; it may still be there.
            ResultLost: it is gone, or what lies there is no picture or may not be fetched.
        """
        return await patiently(lambda: self._once(url))

    async def _once(self, url: str) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                data = await (_decoded(url) if url.startswith("data:") else self._read(url))
        except Unsafe:
            raise self._lost("unsafe address") from None
        except TooLarge:
            raise self._lost("too large") from None
        except BROKEN as error:
            raise self._unavailable(type(error).__name__) from None
        if image_type(data) is None:
            raise self._lost("not an image")
        return data

    async def _read(self, url: str) -> bytes:
        url = quote(url, safe=WRITTEN, errors="replace")
        check_url(url, self._trusted)
        async with self._pool.stream(
            "GET", url, headers=HEADERS, extensions={"timeout": TIMEOUTS}
        ) as answer:
            if answer.status == HTTPStatus.OK:
                return await gathered(answer.aiter_stream(), MOST_BYTES)
            if answer.status in LOST or httpx.codes.is_redirect(answer.status):
                raise self._lost(f"HTTP {answer.status}")
            raise self._unavailable(f"HTTP {answer.status}")

    def _lost(self, reason: str) -> ProviderError:
        return ResultLost("result_lost", provider=self._provider, detail=reason)

    def _unavailable(self, reason: str) -> ProviderError:
        return ProviderUnavailable("provider_unavailable", provider=self._provider, detail=reason)


async def _decoded(url: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.endswith(";base64") or len(data) > MOST_BYTES * 4 // 3 + 4:
        raise TooLarge
    try:
        return await asyncio.to_thread(base64.b64decode, data, validate=True)
    except binascii.Error:
        return b""
