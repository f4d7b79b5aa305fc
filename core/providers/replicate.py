"""Replicate: orders by one POST that waits for a while, followed by polling."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

from pydantic import SecretStr

from core.errors import ProviderError, ProviderRejected, ProviderUnavailable, ResultLost
from core.job import Remote
from core.ports import Callback, Health, Made, Order, Step
from core.providers.download import Downloads
from core.providers.foreign import fields, text
from core.providers.guard import plain_hosts
from core.providers.http import Taking, Wire, usable
from core.providers.made import collect
from core.providers.patience import Patience
from core.providers.payload import payload, pictures
from core.providers.refusals import Answer, detail, not_now
from core.providers.replicate_callbacks import ReplicateCallbacks
from core.providers.replicate_files import ReplicateFiles
from core.providers.replicate_search import ReplicateSearch
from core.providers.replicate_words import blanked, found_in, has_ended, step_of, why_not
from core.providers.watch import Watch

NEWEST = "latest"
TAKING = Taking("id", lambda answer: "was throttled" in detail(answer))


class Replicate:
    """The provider `replicate`; enter it before use.

    Predictions are read as raw JSON: the client's own types stumble over statuses and errors that
    the service does send. A prediction that ended while the order was waiting is read once more to
    follow it and once for its result; both are free, and so a restart takes the same way.
    """

    name = "replicate"

    def __init__(
        self,
        token: SecretStr,
        url: str,
        trusted_hosts: frozenset[str],
        patience: Patience,
        wait_seconds: int = 55,
        *,
        callbacks_url: str = "",
    ) -> None:
        token = usable(token, "REPLICATE_API_TOKEN")
        trusted = trusted_hosts | plain_hosts((url,))
        self._url = url
        self._patience = patience
        self._wait = wait_seconds
        self._wire = Wire(self.name, "Bearer", token, (url,), trusted_hosts, patience)
        self._downloads = Downloads(self.name, trusted, patience.download)
        self._files = ReplicateFiles(token, url, patience.upload)
        self._search = ReplicateSearch(self._wire, url)
        self._callbacks = ReplicateCallbacks(self._wire, url)
        self._callbacks_url = callbacks_url
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for part in (self._wire, self._downloads, self._files):
            await self._open.enter_async_context(part)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def prepare(self, order: Order) -> Order:
        """Upload what the work starts from, and look up the newest version where none is named."""
        addresses = {
            sha256: await self._files.put(order.inputs[sha256]) for sha256 in pictures(order.work)
        }
        path = await self._in_full(order.spec.endpoints[order.work.task].path)
        return replace(order, addresses=addresses, path=path)

    async def order(self, order: Order) -> Remote:
        """Send the one paid order; official models go by name, all others by version.

        The answer comes when it has ended, at the latest after `wait_seconds`.
        """
        name, _, version = order.path.partition(":")
        official = f"{self._url}/v1/models/{name}/predictions"
        answer = await self._wire.order(
            f"{self._url}/v1/predictions" if version else official,
            {
                "input": payload(order.spec, order.work, order.addresses),
                **({"version": version} if version else {}),
                **self._webhook(order),
            },
            {"Prefer": f"wait={self._wait}"} if self._wait else {},
            TAKING,
            seconds=self._patience.order + self._wait,
        )
        return self._remote(answer.fields)

    def _webhook(self, order: Order) -> Mapping[str, Any]:
        if not self._callbacks_url:
            return {}
        address = f"{self._callbacks_url}/{self.name}/{order.job}"
        return {"webhook": address, "webhook_events_filter": ["completed"]}

    async def _in_full(self, path: str) -> str:
        """Name the newest version in place of the word for it."""
        name, _, version = path.partition(":")
        if version != NEWEST:
            return path
        model = await self._wire.get_json(f"{self._url}/v1/models/{name}")
        return f"{name}:{_version(model.fields)}"

    def _remote(self, taken: Mapping[str, Any]) -> Remote:
        """Note where to follow; an address that is missing or foreign is built from the id."""
        base = f"{self._url}/v1/predictions/{quote(str(taken['id']), safe='')}"
        given = {name: text(url) for name, url in fields(taken.get("urls")).items()}
        built = {"get": base, "cancel": f"{base}/cancel"}
        return Remote(
            id=text(taken["id"]),
            urls={
                name: given[name] if self._wire.knows(given.get(name, "")) else url
                for name, url in built.items()
            },
        )

    async def find(self, order: Order, since: datetime) -> tuple[Remote, ...]:
        """Search the list of predictions for this very order; oldest first."""
        return tuple(map(self._remote, await self._search.taken(order, since)))

    async def recognise(self, order: Order, remote_id: str) -> Remote | None:
        """Read a prediction and compare what was sent for it."""
        remote = self._remote({"id": remote_id})
        prediction = (await self._prediction(remote)).fields
        return remote if await self._search.is_this(order, prediction) else None

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        """Check who signed a message and when; None for one that proves nothing."""
        return await self._callbacks.verify(headers, body, now)

    async def follow(self, remote: Remote, look: asyncio.Event) -> AsyncIterator[Step]:
        """Ask how it goes until it has ended, well or not; `result` knows which."""
        watch = Watch(self.name, self._patience, look)
        while True:
            answer = await watch.poll(self._prediction(remote))
            if answer is not None and has_ended(answer.fields):
                return
            if answer is not None:
                yield step_of(answer.fields)
            await watch.rest()

    async def result(self, remote: Remote, order: Order) -> Made:
        """Read the prediction once more, and fetch its pictures."""
        try:
            prediction = (await self._prediction(remote)).fields
        except ProviderRejected as error:
            raise not_now(error) from None
        error = why_not(prediction)
        if error is not None:
            raise error
        found = found_in(prediction, order.work.seed)
        kept_back, most = blanked(prediction), order.work.num_images
        return await collect(
            self.name, found, self._downloads, cost=None, most=most, flagged=kept_back
        )

    async def _prediction(self, remote: Remote) -> Answer:
        return await self._wire.get_json(remote.urls["get"], missing=ResultLost)

    async def cancel(self, remote: Remote) -> bool:
        """Ask to stop; what has ended already stays as it is."""
        answer = await self._wire.send_json("POST", remote.urls["cancel"])
        return answer.fields.get("status") != "succeeded"

    async def check(self) -> Health:
        """Ask whose key it is: free, and only a good one gets an answer."""
        try:
            await self._wire.get_json(f"{self._url}/v1/account")
        except ProviderError as error:
            return Health(ok=False, detail=str(error.values.get("detail") or error.key))
        return Health(ok=True, detail="the key is good")


def _version(model: Mapping[str, Any]) -> str:
    version = text(fields(model.get("latest_version")).get("id"))
    if not version:
        raise ProviderUnavailable("provider_unavailable", provider="replicate", detail="no version")
    return version
