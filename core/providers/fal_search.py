"""Finding an order at fal whose answer was lost."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.ports import Order
from core.providers.download import Downloads
from core.providers.foreign import entries, fields, text
from core.providers.http import Wire
from core.providers.sameness import is_ours

LISTED_AT_ONCE = "100"
MOST_PAGES = 5
WINDOW = timedelta(days=1)
"""How long after its order a request may appear; the list may go by when it ended."""


class FalSearch:
    """Looks through the list of requests, which shows what was sent with each."""

    def __init__(self, wire: Wire, api_url: str, downloads: Downloads) -> None:
        self._wire = wire
        self._url = f"{api_url}/v1/models/requests/by-endpoint"
        self._downloads = downloads

    async def taken(self, order: Order, since: datetime) -> tuple[str, ...]:
        """List the requests that are this very order, oldest first."""
        asked = {
            "endpoint_id": order.spec.endpoints[order.work.task].path,
            "start": _iso(since),
            "end": _iso(since + WINDOW),
            "expand": "payloads",
            "limit": LISTED_AT_ONCE,
        }
        listed = await self._listed(asked)
        ours = [text(item.get("request_id")) for item in listed if await self._is_ours(order, item)]
        return tuple(filter(None, reversed(ours)))

    async def _listed(self, asked: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """Read the list page by page, newest first."""
        items: list[Mapping[str, Any]] = []
        cursor: Mapping[str, str] = {}
        for _ in range(MOST_PAGES):
            page = (await self._wire.get_json(self._url, params={**asked, **cursor})).fields
            items += map(fields, entries(page.get("items")))
            cursor = {"cursor": text(page.get("next_cursor"))}
            if not cursor["cursor"]:
                break
        return items

    async def _is_ours(self, order: Order, item: Mapping[str, Any]) -> bool:
        return await is_ours(order, fields(item.get("json_input")), self._fingerprint)

    async def _fingerprint(self, url: str) -> str:
        return hashlib.sha256(await self._downloads.picture(url)).hexdigest()


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
