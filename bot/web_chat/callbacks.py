"""Where providers call back: who signed it is checked, then the job is looked at, no more."""

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import Response

from core.errors import ProviderError
from core.ports import Callback, Provider
from core.studio import Studio

log = structlog.get_logger(__name__)

MOST_BYTES = 1024 * 1024
"""A result in addresses is a few kilobytes; with its log, some hundred."""
MOST_AT_ONCE = 64
"""Bodies that are read side by side: whoever sends them is not known before their end."""
PATIENCE = 10.0
"""Seconds for a body from its first byte to its last."""


class CalledBack:
    """Takes a provider's message. What it says is not believed: the worker asks the provider."""

    def __init__(
        self,
        studio: Studio,
        wake: Callable[[Iterable[str]], None],
        *,
        patience: float = PATIENCE,
        at_once: int = MOST_AT_ONCE,
    ) -> None:
        self._studio = studio
        self._wake = wake
        self._patience = patience
        self._room = at_once

    async def __call__(self, provider: str, job: str, request: Request) -> Response:
        """Answer fast: 2xx for what is genuine, even when it changes nothing."""
        known = self._studio.providers.get(provider)
        if known is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        body = await self._body(request)
        if isinstance(body, HTTPStatus):
            # What is left of it would go on coming.
            return Response(status_code=body, headers={"Connection": "close"})
        try:
            headers = {name.lower(): value for name, value in request.headers.items()}
            callback = await known.verify(headers, body, self._studio.now())
        except ProviderError as error:
            log.warning("callback_not_checked", provider=provider, error=error.key)
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        if callback is None:
            log.warning("callback_not_genuine", provider=provider)
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        if await self._is_news(known, callback, job):
            self._wake([job])
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _body(self, request: Request) -> bytes | HTTPStatus:
        """Read a body, or say why not."""
        if not self._room:
            return HTTPStatus.SERVICE_UNAVAILABLE
        self._room -= 1
        try:
            async with asyncio.timeout(self._patience):
                body = await _read(request)
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        finally:
            self._room += 1
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if body is None else body

    async def _is_news(self, provider: Provider, callback: Callback, job_id: str) -> bool:
        """Use a message once, and only for the open job that it can be about."""
        async with self._studio.database.transaction() as tx:
            job = await tx.jobs.get(job_id)
            if job is None or job.provider != provider.name:
                return False
            if not await tx.callbacks.put(provider.name, callback, job_id, self._studio.now()):
                return False
            ours = job.remote is None or job.remote.id == callback.remote
        return ours and not job.finished


async def _read(request: Request) -> bytes | None:
    """Read a body that has an end; None for one that is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
