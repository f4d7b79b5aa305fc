"""Whether an order in a provider's list is the very one that we sent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.errors import ProviderError
from core.ports import Order
from core.providers.foreign import entries, text
from core.providers.payload import payload, pictures, unsaid

Fingerprint = Callable[[str], Awaitable[str]]
"""Finds the SHA-256 in hex of the file at an address."""


async def is_ours(order: Order, listed: Mapping[str, Any], fingerprint: Fingerprint) -> bool:
    """Compare every field that we sent or could have; pictures by content, not by address."""
    named = pictures(order.work)
    sent = payload(order.spec, order.work, {sha256: sha256 for sha256 in named})
    for name, nothing in unsaid(order.spec, order.work.task).items():
        if name not in sent and listed.get(name) not in (None, nothing):
            return False
    files: list[tuple[str, str]] = []
    for name, value in sent.items():
        sha256, address = _one(value), text(_one(listed.get(name)))
        if sha256 in named:
            files.append((sha256, address))
        elif listed.get(name) != value:
            return False
    same = await asyncio.gather(*(_same(*file, fingerprint) for file in files))
    return all(same)


def _one(value: Any) -> Any:
    """Take the one entry of a list, where a picture travels in one."""
    listed = entries(value)
    return listed[0] if len(listed) == 1 else value


async def _same(sha256: str, address: str, fingerprint: Fingerprint) -> bool:
    try:
        return bool(address) and await fingerprint(address) == sha256
    except ProviderError:
        return False
