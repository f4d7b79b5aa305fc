"""Bytes from outside: never more than agreed, and known by what they begin with."""

from collections.abc import AsyncIterable, AsyncIterator

SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypavis", "image/avif"),
)


class TooLarge(Exception):
    """More came than was agreed."""


async def bounded(chunks: AsyncIterable[bytes], most: int) -> AsyncIterator[bytes]:
    """Pass chunks on until `most` bytes have come, then raise TooLarge."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise TooLarge
        yield chunk


async def gathered(chunks: AsyncIterable[bytes], most: int) -> bytes:
    """Read everything, at most `most` bytes."""
    return b"".join([chunk async for chunk in bounded(chunks, most)])


def image_type(data: bytes) -> str | None:
    """Tell the type of an image by its first bytes; None when it is none that we take."""
    for offset, signature, mime in SIGNATURES:
        if data.startswith(signature, offset):
            return mime
    return None
