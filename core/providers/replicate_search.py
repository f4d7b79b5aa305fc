"""Finding an order at Replicate whose answer was lost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.errors import ProviderRejected
from core.ports import Order
from core.providers.foreign import entries, fields, text
from core.providers.http import Wire
from core.providers.sameness import is_ours

MOST_PAGES = 10


class ReplicateSearch:
    """Looks through the list of predictions, which shows what was sent with each for an hour."""

    def __init__(self, wire: Wire, url: str) -> None:
        self._wire = wire
        self._url = f"{url}/v1/predictions"

    async def taken(self, order: Order, since: datetime) -> tuple[Mapping[str, Any], ...]:
        """List the predictions that are this very order, oldest first."""
        ours: list[Mapping[str, Any]] = []
        url, asked = self._url, {"created_after": since.isoformat()}
        for _ in range(MOST_PAGES):
            page = (await self._wire.get_json(url, params=asked)).fields
            listed = map(fields, entries(page.get("results")))
            ours += [one for one in listed if await self.is_this(order, one)]
            url, asked = text(page.get("next")), None
            if not url:
                break
        return tuple(reversed(ours))

    async def is_this(self, order: Order, prediction: Mapping[str, Any]) -> bool:
        """Compare the model, and every field that was sent."""
        name, _, _ = order.spec.endpoints[order.work.task].path.partition(":")
        if prediction.get("model") != name or not text(prediction.get("id")):
            return False
        return await is_ours(order, fields(prediction.get("input")), self._fingerprint)

    async def _fingerprint(self, url: str) -> str:
        if not self._wire.knows(url):
            raise ProviderRejected("foreign_host", provider="replicate")
        kept = await self._wire.get_json(url)
        return text(fields(kept.fields.get("checksums")).get("sha256"))
