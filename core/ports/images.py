"""Bytes by content hash, and the one place where they are decoded."""

from dataclasses import dataclass
from typing import Protocol

from core.catalogue import ModelSpec
from core.work import Work


class ImageStore(Protocol):
    """Bytes by content hash."""

    async def put(self, data: bytes) -> str:
        """Store bytes atomically; return their SHA-256 in hex."""
        ...

    async def get(self, sha256: str) -> bytes:
        """Read bytes and check them against their name; raise StorageError otherwise."""
        ...

    async def delete(self, sha256: str) -> None:
        """Forget bytes; what is not there is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """One picture as it will be stored and delivered."""

    data: bytes
    mime: str
    width: int
    height: int


class Finishing(Protocol):
    """The one place where image bytes are decoded, checked, marked and encoded, off the loop."""

    async def take_in(self, data: bytes) -> Finished:
        """Check an upload, turn it upright and strip what it tells of its owner."""
        ...

    async def finish(self, data: bytes, spec: ModelSpec, work: Work) -> Finished:
        """Check what a provider made and mark it as made by a machine."""
        ...

    async def fit(self, data: bytes, most_bytes: int) -> Finished:
        """Make a smaller copy that a platform takes."""
        ...

    async def thumbnail(self, data: bytes, side: int) -> Finished:
        """Make a small copy for a list."""
        ...
