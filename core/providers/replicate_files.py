"""Replicate's file storage, through its own client: where pictures go that an order starts from."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Self

import httpx
from pydantic import SecretStr
from replicate.client import Client
from replicate.exceptions import ReplicateError
from typing_extensions import override

from core.errors import ProviderUnavailable
from core.providers.incoming import TooLarge, bounded, image_type
from core.providers.refusals import Answer, refusal
from core.providers.tries import patiently

BROKEN = (httpx.HTTPError, TooLarge, TimeoutError, ValueError, TypeError, KeyError)
"""The last three are the client's own, for an answer that is not what it expects."""
MOST_ANSWER = 1024 * 1024
"""Bytes; it is a few lines."""


class ReplicateFiles:
    """Uploads; Replicate drops them after a day."""

    def __init__(self, token: SecretStr, url: str, seconds: float) -> None:
        self._seconds = seconds
        # The client has no way to close it; what it holds open is this transport.
        self._transport = _Bounded(trust_env=False)
        self._client = Client(
            api_token=token.get_secret_value(), base_url=url, transport=self._transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    async def put(self, data: bytes) -> str:
        """Upload a picture and return its address."""
        return await patiently(lambda: self._once(data))

    async def _once(self, data: bytes) -> str:
        kind = image_type(data) or "application/octet-stream"
        name = f"picture.{kind.partition('/')[2]}"
        try:
            async with asyncio.timeout(self._seconds):
                kept = await self._client.files.async_create(
                    io.BytesIO(data), filename=name, content_type=kind
                )
            return kept.urls["get"]
        except ReplicateError as error:
            raise refusal("replicate", Answer(error.status or 0, {}, None)) from None
        except BROKEN as error:
            reason = type(error).__name__
            raise ProviderUnavailable(
                "provider_unavailable", provider="replicate", detail=reason
            ) from None


class _Bounded(httpx.AsyncHTTPTransport):
    """Lets no answer grow: the client reads each as a whole, and would unpack what is packed."""

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Accept-Encoding"] = "identity"
        answer = await super().handle_async_request(request)
        answer.headers.pop("Content-Encoding", None)
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_Stream(answer),
            extensions=answer.extensions,
        )


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @override
    def __aiter__(self) -> AsyncIterator[bytes]:
        return bounded(self._answer.aiter_raw(), MOST_ANSWER)

    @override
    async def aclose(self) -> None:
        await self._answer.aclose()
