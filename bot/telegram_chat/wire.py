"""The connection to the Bot API: its timeouts, and a token that nothing can print."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx
from telegram import Bot
from telegram.error import Conflict, TelegramError, TimedOut
from telegram.request import HTTPXRequest, RequestData
from typing_extensions import override

from core.providers.tls import authorities

HIDDEN = "hidden-token"
"""Stands for the token everywhere but on the wire, so that logs and errors cannot tell it."""

PATIENCE = 60.0
"""Seconds for an exchange, up to the last byte of its answer: after a shorter wait a photo counts
as lost that was delivered."""
HEAVY = 3
"""An exchange with files, either way, may take so many times as long."""
CONNECT = 10.0
POOL = 30.0
LONG_POLL_GRACE = 10.0
SENDERS = 64
POLLERS = 8
"""More than one, or a torn long poll blocks the next one."""

KINDS = ("message", "callback_query")


class Flooded(TelegramError):
    """Telegram asks to wait; the library's own error changes its type with the environment."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds:g} s")
        self.seconds = seconds


class TooHeavy(TelegramError):
    """Telegram's server does not even take the upload in."""

    def __init__(self) -> None:
        super().__init__("request entity too large")


class TelegramBot(Bot):
    """The Bot API client: errors carry no token, and updates come as they were sent."""

    def __init__(self, token: str, url: str, *, patience: float = PATIENCE) -> None:
        url = url.rstrip("/")
        self._poll_url = f"{url}/bot{HIDDEN}/getUpdates"
        self._polling = _Wire(token, POLLERS, patience)
        self._contested = False
        super().__init__(
            HIDDEN,
            f"{url}/bot",
            f"{url}/file/bot",
            request=_Wire(token, SENDERS, patience),
            get_updates_request=self._polling,
        )

    @property
    def contested(self) -> bool:
        """Whether the last poll was ended because another program uses the token."""
        return self._contested

    async def updates(self, offset: int, seconds: int) -> Sequence[Any]:
        """Confirm what lies before `offset` and wait for what comes after, unread.

        The library's own call parses a batch as a whole: one malformed update would lose all.
        """
        query = urlencode(
            {"offset": offset, "timeout": seconds, "allowed_updates": json.dumps(KINDS)}
        )
        try:
            found: object = await self._polling.post(
                f"{self._poll_url}?{query}", read_timeout=seconds + LONG_POLL_GRACE
            )
        except Conflict:
            self._contested = True
            raise
        self._contested = False
        if not isinstance(found, list):
            raise TelegramError("Updates that are no list")
        return found


class _Wire(HTTPXRequest):
    def __init__(self, token: str, connections: int, patience: float) -> None:
        limits = httpx.Limits(max_connections=connections)
        self._patience = patience
        super().__init__(
            read_timeout=patience,
            write_timeout=patience,
            media_write_timeout=2 * patience,
            connect_timeout=CONNECT,
            pool_timeout=POOL,
            httpx_kwargs={"transport": _Signing(token, limits), "trust_env": False},
        )

    @override
    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(self._within(**kwargs)):
                code, payload = await super().do_request(*args, **kwargs)
        except TimeoutError as error:
            raise TimedOut from error
        if code == HTTPStatus.TOO_MANY_REQUESTS:
            raise Flooded(_seconds(payload))
        if code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise TooHeavy
        return code, payload

    def _within(
        self,
        *,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        **_: object,
    ) -> float:
        """Tell in how many seconds it must be over: the client's own timeouts are for each step.

        Only files are read by GET.
        """
        if isinstance(read_timeout, float):
            return read_timeout
        heavy = method == "GET" or (request_data is not None and request_data.contains_files)
        return self._patience * (HEAVY if heavy else 1)


class _Signing(httpx.AsyncHTTPTransport):
    """Puts the token into the address at the last moment."""

    def __init__(self, token: str, limits: httpx.Limits) -> None:
        super().__init__(verify=authorities(), limits=limits, retries=1)  # of connecting only
        self._token = token.encode()

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.replace(HIDDEN.encode(), self._token, 1)
        signed = httpx.Request(
            request.method,
            request.url.copy_with(raw_path=path),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await super().handle_async_request(signed)


def _seconds(payload: bytes) -> float:
    try:
        answer: Mapping[str, Any] = json.loads(payload)
        return max(0.0, float(answer["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return 1.0
