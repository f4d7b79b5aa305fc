"""The one way out to a provider: deadlines, byte caps, known hosts, typed errors, one paid POST."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import httpx
from httpx_sse import EventSource, SSEError
from pydantic import SecretStr
from typing_extensions import override

from core.errors import (
    ConfigError,
    InDoubt,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from core.providers.foreign import parsed
from core.providers.guard import Unsafe, host_and_port
from core.providers.incoming import TooLarge, bounded, gathered
from core.providers.patience import Patience
from core.providers.refusals import Answer, refusal
from core.providers.tls import authorities
from core.providers.tries import patiently

CONNECT_SECONDS = 10.0
MOST_JSON = 32 * 1024 * 1024
"""Bytes; a long log or a picture inside a data address is the largest that comes."""
PARSE_ASIDE = 256 * 1024
"""Bytes from which parsing would hold up the event loop."""
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
BROKEN = (httpx.HTTPError, httpx.InvalidURL, TooLarge, TimeoutError)
PRINTABLE = re.compile(r"[\x21-\x7e]+")
NAME = re.compile(r"[\x21-\x7e]{1,200}")
"""What an order may be called: it goes into addresses, headers and the database."""
NOT_TAKEN = frozenset(range(400, 500)) - {408, 429, 499} | {307, 308}
"""What a server answers instead of taking an order. 5xx, 408 and 499 also come from a gateway that
passed the order on and lost the answer; so they leave it in doubt. What a 429 means differs."""

Accept = Callable[[Answer], bool]
"""Tells which answers are no errors."""


@dataclass(frozen=True, slots=True)
class Taking:
    """How a provider says that it took an order, or that it did not."""

    names: str
    """The field that names the order in the answer."""
    throttled: Accept = lambda _: False
    """Tells whether a 429 surely means that the order was not taken."""

    def taken(self, answer: Answer) -> bool:
        """Whether this answer names an order."""
        return httpx.codes.is_success(answer.status) and _is_name(answer.fields.get(self.names))

    def refused(self, answer: Answer) -> bool:
        """Whether this answer surely means that nothing was taken."""
        too_many = answer.status == HTTPStatus.TOO_MANY_REQUESTS and self.throttled(answer)
        return answer.status in NOT_TAKEN or too_many


def _only_success(answer: Answer) -> bool:
    return httpx.codes.is_success(answer.status) and answer.fields != {}


def usable(key: SecretStr, variable: str) -> SecretStr:
    """Refuse a key that no header can carry, before some error message quotes it."""
    cleaned = key.get_secret_value().strip()
    if PRINTABLE.fullmatch(cleaned) is None:
        raise ConfigError(variable, "It holds characters that no key has; copy it once more.")
    return SecretStr(cleaned)


class Wire:
    """A provider's API over one long-lived client that knows its key and its hosts."""

    def __init__(
        self,
        provider: str,
        scheme: str,
        key: SecretStr,
        bases: tuple[str, ...],
        trusted_hosts: frozenset[str],
        patience: Patience,
    ) -> None:
        self.provider = provider
        self._key = key
        self._origins = frozenset(_origin(base) for base in bases)
        self._trusted = trusted_hosts
        self._patience = patience
        self._client = httpx.AsyncClient(
            verify=authorities(),
            headers={
                "Authorization": f"{scheme} {key.get_secret_value()}",
                # What is not compressed cannot burst: bytes on the wire are bytes in memory.
                "Accept-Encoding": "identity",
                "User-Agent": "nano-banana",
            },
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=1000, max_keepalive_connections=20),
            trust_env=False,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    def knows(self, url: str) -> bool:
        """Tell whether an address belongs to this provider, so that it may see the key."""
        try:
            return _origin(url) in self._origins or host_and_port(url) in self._trusted
        except Unsafe:
            return False

    async def order(
        self,
        url: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        taking: Taking,
        seconds: float,
    ) -> Answer:
        """Send a paid order: one POST, never repeated, never redirected.

        Nothing else in this code base may.

        Raises:
            ProviderUnavailable: nothing was sent.
            InDoubt: it was sent, and the answer does not say whether it was taken.
            ProviderError: it was refused.
        """
        self._guard(url)
        try:
            answer = await self._exchange("POST", url, seconds, json=body, headers=headers)
        except NOT_SENT as error:
            raise self._unavailable(error) from None
        except BROKEN as error:
            raise self._in_doubt(type(error).__name__) from None
        if taking.taken(answer):
            return answer
        if taking.refused(answer):
            raise refusal(self.provider, answer)
        raise self._in_doubt(f"HTTP {answer.status}")

    async def get_json(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        missing: type[ProviderError] = ProviderRejected,
        accept: Accept = _only_success,
    ) -> Answer:
        """Ask for something, a few times if need be; `missing` is what a 404 means here."""

        async def ask() -> Answer:
            answer = await self._ask("GET", url, self._patience.call, params=params)
            return self._accepted(answer, accept, missing)

        return await patiently(ask)

    async def send_json(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"{}",
        headers: Mapping[str, str] | None = None,
        accept: Accept = _only_success,
    ) -> Answer:
        """Send what costs nothing and may arrive twice, a few times if need be."""
        kind = {"Content-Type": "application/json", **(headers or {})}

        async def send() -> Answer:
            answer = await self._ask(
                method, url, self._patience.upload, content=content, headers=kind
            )
            return self._accepted(answer, accept, ProviderRejected)

        return await patiently(send)

    async def listen(self, url: str, params: Mapping[str, str]) -> AsyncGenerator[str]:
        """Yield the events of a stream until it ends, breaks or turns out to be none."""
        self._guard(url)
        asked = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        try:
            async with self._client.stream("GET", url, params=params, headers=asked) as response:
                if httpx.codes.is_success(response.status_code):
                    async for event in EventSource(_bounded(response)).aiter_sse():
                        yield event.data
        except (*BROKEN, SSEError):
            return

    async def _ask(self, method: str, url: str, seconds: float, **sent: Any) -> Answer:
        self._guard(url)
        try:
            return await self._exchange(method, url, seconds, **sent)
        except BROKEN as error:
            raise self._unavailable(error) from None

    async def _exchange(self, method: str, url: str, seconds: float, **sent: Any) -> Answer:
        async with (
            asyncio.timeout(seconds),
            self._client.stream(method, url, **sent) as response,
        ):
            body = await gathered(response.aiter_raw(), MOST_JSON)
        if httpx.codes.is_error(response.status_code):
            # Its words may reach a chat or a log, and some services quote the key.
            body = body.replace(self._key.get_secret_value().encode(), b"...")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, await _parsed(body))

    def _accepted(self, answer: Answer, accept: Accept, missing: type[ProviderError]) -> Answer:
        if not accept(answer):
            raise refusal(self.provider, answer, missing)
        return answer

    def _guard(self, url: str) -> None:
        if not self.knows(url):
            raise ProviderRejected("foreign_host", provider=self.provider)

    # The causes are left off on purpose: a transport's error can quote a header, and so the key.

    def _unavailable(self, error: Exception) -> ProviderError:
        reason = type(error).__name__
        return ProviderUnavailable("provider_unavailable", provider=self.provider, detail=reason)

    def _in_doubt(self, reason: str) -> ProviderError:
        return InDoubt("in_doubt", provider=self.provider, detail=reason)


def _origin(url: str) -> str:
    return f"{url.partition('://')[0]}://{host_and_port(url)}"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _bounded(response: httpx.Response) -> httpx.Response:
    """Copy a response so that its stream has an end, whatever the server does."""
    kind = response.headers.get("content-type", "")
    stream = _Bounded(response)
    return httpx.Response(response.status_code, headers={"Content-Type": kind}, stream=stream)


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    @override
    def __aiter__(self) -> AsyncIterator[bytes]:
        return bounded(self._response.aiter_raw(), MOST_JSON)


async def _parsed(body: bytes) -> Any:
    if len(body) < PARSE_ASIDE:
        return parsed(body)
    return await asyncio.to_thread(parsed, body)
