"""fal.ai: orders by one POST to its queue, followed by its status stream."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx
from pydantic import SecretStr

from core.budget import Price
from core.errors import ProviderError, ProviderRejected, ProviderUnavailable, ResultLost
from core.job import Remote
from core.ports import Callback, Health, Made, Order, Step
from core.providers.download import Downloads
from core.providers.fal_callbacks import FalCallbacks
from core.providers.fal_search import FalSearch
from core.providers.fal_storage import LIFETIME, FalStorage
from core.providers.fal_words import (
    cost_of,
    echoes,
    found_in,
    is_final,
    prices_in,
    request_base,
    step_of,
)
from core.providers.foreign import fields, parsed, text
from core.providers.guard import plain_hosts
from core.providers.http import Taking, Wire, usable
from core.providers.made import collect
from core.providers.patience import Patience
from core.providers.payload import payload, pictures
from core.providers.refusals import Answer, detail, not_now, refusal
from core.providers.watch import Watch

TAKING = Taking("request_id")
"""Its queue turns nobody away for being many: a 429 does not say that nothing was taken."""
LOGS = {"logs": "1"}
SUFFIXES = {"status_url": "/status", "response_url": "", "cancel_url": "/cancel"}
CANCELLED = frozenset({202, 400, 404})
"""Asked to stop, ended already, or unknown; each says so in its `status`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FalHosts:
    """Where fal's services are, without trailing slashes."""

    queue: str = "https://queue.fal.run"
    rest: str = "https://rest.fal.ai"
    cdn: str = "https://v3.fal.media"
    api: str = "https://api.fal.ai"

    @property
    def all(self) -> tuple[str, ...]:
        """Every one of them."""
        return (self.queue, self.rest, self.cdn, self.api)


class Fal:
    """The provider `fal`; enter it before use.

    fal's own retries on its side stay on (no X-Fal-No-Retry): they follow failures of its machines,
    which are not billed. Payloads stay stored (no X-Fal-Store-IO): only so can an order in doubt be
    found again.
    """

    name = "fal"

    def __init__(
        self,
        key: SecretStr,
        hosts: FalHosts,
        trusted_hosts: frozenset[str],
        patience: Patience,
        callbacks_url: str = "",
    ) -> None:
        trusted = trusted_hosts | plain_hosts(hosts.all)
        key = usable(key, "FAL_KEY")
        self._hosts = hosts
        self._patience = patience
        self._wire = Wire(self.name, "Key", key, hosts.all, trusted_hosts, patience)
        self._downloads = Downloads(self.name, trusted, patience.download)
        self._storage = FalStorage(self._wire, hosts.rest, hosts.cdn)
        self._search = FalSearch(self._wire, hosts.api, self._downloads)
        self._callbacks = FalCallbacks(self._wire, hosts.rest)
        self._callbacks_url = callbacks_url
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._wire)
        await self._open.enter_async_context(self._downloads)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def prepare(self, order: Order) -> Order:
        """Upload what the work starts from."""
        addresses = {
            sha256: await self._storage.put(order.inputs[sha256]) for sha256 in pictures(order.work)
        }
        path = order.spec.endpoints[order.work.task].path
        return replace(order, addresses=addresses, path=path)

    async def order(self, order: Order) -> Remote:
        """Send the one paid order."""
        answer = await self._wire.order(
            f"{self._hosts.queue}/{order.path}{self._webhook(order)}",
            payload(order.spec, order.work, order.addresses),
            {"X-Fal-Tags": f"job={order.job}", "X-Fal-Object-Lifecycle-Preference": LIFETIME},
            TAKING,
            seconds=self._patience.order,
        )
        return self._remote(order.path, answer.fields)

    def _webhook(self, order: Order) -> str:
        if not self._callbacks_url:
            return ""
        return "?" + urlencode({"fal_webhook": f"{self._callbacks_url}/{self.name}/{order.job}"})

    def _remote(self, path: str, taken: Mapping[str, Any]) -> Remote:
        """Note where to follow; an address that is missing or foreign is built from the id."""
        request = text(taken["request_id"])
        base = request_base(self._hosts.queue, path, quote(request, safe=""))
        urls = {name: text(taken.get(name)) for name in SUFFIXES}
        return Remote(
            id=request,
            urls={
                name: url if self._wire.knows(url) else base + SUFFIXES[name]
                for name, url in urls.items()
            },
        )

    async def find(self, order: Order, since: datetime) -> tuple[Remote, ...]:
        """Search the list of requests for this very order; oldest first."""
        path = order.spec.endpoints[order.work.task].path
        found = await self._search.taken(order, since)
        return tuple(self._remote(path, {"request_id": request}) for request in found)

    async def recognise(self, order: Order, remote_id: str) -> Remote | None:
        """Read what came of a request: the list may show it late, its result is there at once."""
        path = order.spec.endpoints[order.work.task].path
        remote = self._remote(path, {"request_id": remote_id})
        answer = await self._wire.get_json(
            remote.urls["response_url"], missing=ResultLost, accept=is_final
        )
        return remote if echoes(answer.fields, order.work) else None

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        """Check who signed a message and when; None for one that proves nothing."""
        return await self._callbacks.verify(headers, body, now)

    async def follow(self, remote: Remote, look: asyncio.Event) -> AsyncIterator[Step]:
        """Tell how it goes until it has ended, well or not; `result` knows which."""
        told: int | None = None
        async with aclosing(self._statuses(remote, look)) as statuses:
            async for status in statuses:
                if status.get("status") == "COMPLETED":
                    return
                step = step_of(status, told)
                told = step.percent
                yield step

    async def _statuses(
        self, remote: Remote, look: asyncio.Event
    ) -> AsyncGenerator[Mapping[str, Any]]:
        """Read the status stream, again whenever it breaks; a stream that is mute is not used."""
        watch = Watch(self.name, self._patience, look)
        streaming = True
        while True:
            heard = False
            if streaming:
                async with aclosing(self._streamed(remote, watch)) as statuses:
                    async for status in statuses:
                        heard = True
                        yield status
            streaming = heard
            if not heard and (answer := await watch.poll(self._status(remote))):
                yield answer.fields
            await watch.rest()

    async def _streamed(self, remote: Remote, watch: Watch) -> AsyncGenerator[Mapping[str, Any]]:
        url = f"{remote.urls['status_url']}/stream"
        async with aclosing(self._wire.listen(url, LOGS)) as events:
            while True:
                try:
                    async with asyncio.timeout(watch.at_most(self._patience.silence)):
                        status = parsed((await anext(events)).encode())
                except (StopAsyncIteration, TimeoutError):
                    return
                if status is None:
                    return
                yield fields(status)

    async def _status(self, remote: Remote) -> Answer:
        return await self._wire.get_json(remote.urls["status_url"], params=LOGS, missing=ResultLost)

    async def result(self, remote: Remote, order: Order) -> Made:
        """Fetch what the model answered, and its pictures."""
        try:
            answer = await self._wire.get_json(
                remote.urls["response_url"], missing=ResultLost, accept=is_final
            )
        except ProviderRejected as error:
            raise not_now(error) from None
        if not httpx.codes.is_success(answer.status):
            raise _why_not(answer)
        cost = cost_of(answer, order.spec)
        found = found_in(answer.fields)
        most = order.work.num_images
        return await collect(self.name, found, self._downloads, cost=cost, most=most)

    async def cancel(self, remote: Remote) -> bool:
        """Ask to stop; what has ended already is no error."""
        answer = await self._wire.send_json("PUT", remote.urls["cancel_url"], accept=_heard)
        return answer.fields["status"] != "ALREADY_COMPLETED"

    async def prices(self, endpoints: Sequence[str]) -> tuple[Price, ...]:
        """Ask for the prices of endpoints; those that are no sum per picture are left out."""
        url = f"{self._hosts.api}/v1/models/pricing"
        answer = await self._wire.get_json(url, params={"endpoint_id": ",".join(endpoints)})
        return prices_in(answer.fields)

    async def check(self) -> Health:
        """Ask for a price: free, and only a good key gets an answer."""
        url = f"{self._hosts.api}/v1/models/pricing"
        try:
            await self._wire.get_json(url, params={"endpoint_id": "fal-ai/flux/schnell"})
        except ProviderError as error:
            return Health(ok=False, detail=str(error.values.get("detail") or error.key))
        return Health(ok=True, detail="the key is good")


def _heard(answer: Answer) -> bool:
    return answer.status in CANCELLED and "status" in answer.fields


def _why_not(answer: Answer) -> ProviderError:
    error = refusal(Fal.name, answer)
    if isinstance(error, ProviderUnavailable):
        # The model's own last word, stored with the request: asking again brings the same.
        return ProviderRejected("provider_failed", provider=Fal.name, detail=detail(answer))
    return error
