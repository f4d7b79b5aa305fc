"""Images by content hash, in a folder or a bucket."""

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from core.errors import StorageError, StoreFailing
from storage.address import BadAddress

REACH = 10.0
"""Seconds to wait for a bucket's first answer."""
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Images:
    """An image store over `file://`, `s3://` or `gs://`."""

    store: ObjectStore

    @classmethod
    def open(cls, url: str, options: Mapping[str, Any] | None = None) -> Self:
        """Open a store by URL; a folder is made. Options go to the client of a bucket."""
        try:
            if url.startswith("file:"):
                return cls(LocalStore.from_url(url, mkdir=True))
            return cls(from_url(url, **dict(options or {})))
        except (BaseError, ValueError, OSError) as error:
            raise BadAddress(
                f"is no store I can open ({_first_line(error)}); write file:///folder or s3://bucket."
            ) from None

    @classmethod
    async def reach(cls, url: str, options: Mapping[str, Any] | None = None) -> Self:
        """Open a store and, where it is a bucket, write to it once to see that it is there."""
        images = cls.open(url, options)
        if images.folder is None:
            try:
                async with asyncio.timeout(REACH):
                    await obstore.put_async(images.store, "reached", b"", use_multipart=False)
            except (BaseError, OSError) as error:
                raise BadAddress(
                    f"leads to no bucket that takes pictures ({_first_line(error)}). "
                    "Check its name, its region and the access key."
                ) from None
        return images

    @property
    def folder(self) -> Path | None:
        """Where the files lie; None for a bucket."""
        if isinstance(self.store, LocalStore) and self.store.prefix is not None:
            return Path(self.store.prefix)
        return None

    async def put(self, data: bytes) -> str:
        """Store bytes atomically; return their SHA-256 in hex."""
        sha256 = await _hash(data)
        path = _path(sha256)
        with _told_as_storage_errors(sha256):
            if await self._size(path) != len(data):
                await obstore.put_async(self.store, path, data, use_multipart=False)
                await self._settle(path)
        return sha256

    async def get(self, sha256: str) -> bytes:
        """Read bytes and check them against their name; raise StorageError otherwise."""
        with _told_as_storage_errors(sha256):
            found = await obstore.get_async(self.store, _path(sha256))
            data = bytes(await found.bytes_async())
        if await _hash(data) != sha256:
            raise StorageError("image_broken", image=sha256)
        return data

    async def delete(self, sha256: str) -> None:
        """Forget bytes; what is not there is no error."""
        path = _path(sha256)
        with _told_as_storage_errors(sha256):
            if await self._size(path) is not None:
                await obstore.delete_async(self.store, path)

    async def names(self) -> set[str]:
        """List every hash that is stored."""
        with _told_as_storage_errors(""):
            pages = obstore.list(self.store)  # pyright: ignore[reportUnknownMemberType]  # arrow's
            stored = [found async for page in pages for found in page]
        names = (found["path"].rpartition("/")[2] for found in stored)
        return {name for name in names if HASH.fullmatch(name)}

    async def _size(self, path: str) -> int | None:
        try:
            return (await obstore.head_async(self.store, path))["size"]
        except FileNotFoundError:
            return None

    async def _settle(self, path: str) -> None:
        """Make a written file outlast a power cut; a bucket has done so with its answer."""
        if self.folder is not None:
            file = self.folder / path
            await asyncio.to_thread(_to_disk, file, file.parent, file.parent.parent)


def _first_line(error: Exception) -> str:
    """Shorten what the library tells at length; a deadline tells nothing."""
    return str(error).partition("\n")[0] or "no answer"


async def _hash(data: bytes) -> str:
    return (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()


def _path(sha256: str) -> str:
    """Place a hash; anything else names no image, least of all a path of its own."""
    if HASH.fullmatch(sha256) is None:
        raise StorageError("image_missing", image=sha256)
    return f"{sha256[:2]}/{sha256}"


def _to_disk(*paths: Path) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _told_as_storage_errors(sha256: str) -> Generator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise StorageError("image_missing", image=sha256) from error
    except (BaseError, OSError) as error:
        full = f"(os error {errno.ENOSPC})" in str(error)
        raise StoreFailing("disk_full" if full else "images_failing", image=sha256) from error
