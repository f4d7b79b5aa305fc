"""Walk through the pieces of PNG, JPEG and WebP files without decoding them."""

from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"gAMA", b"eXIf"})
_PNG_XMP = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00"
_JPEG = b"\xff\xd8"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_MARKER, _APP1, _SCAN, _END = 0xFF, 0xE1, 0xDA, 0xD9
_MAX_PACKET = 64 * 1024


def bare_png(data: bytes) -> bytes:
    """Keep only what a PNG's first frame needs: texts may be bombs, further frames are not read.

    Other data comes back as it is.
    """
    if not data.startswith(_PNG):
        return data
    kept = (data[start:end] for kind, start, end in _png_chunks(data) if kind in _PNG_KEPT)
    return _PNG + b"".join(kept)


def xmp_in(data: bytes) -> bytes:
    """Find the XMP packet of a PNG, JPEG or WebP file; empty if there is none."""
    if data.startswith(_PNG):
        return _first(_png_packets(data))
    if data.startswith(_JPEG):
        return _first(_jpeg_packets(data))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _first(body for kind, body in _webp_chunks(data) if kind == b"XMP ")
    return b""


def _first(packets: Iterator[bytes]) -> bytes:
    return next((packet for packet in packets if len(packet) <= _MAX_PACKET), b"")


def _png_packets(data: bytes) -> Iterator[bytes]:
    for kind, start, end in _png_chunks(data):
        if kind == b"iTXt" and data.startswith(_PNG_XMP, start + 8):
            yield data[start + 8 + len(_PNG_XMP) : end - 4]


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = len(_PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], at, end
        at = end


def _jpeg_packets(data: bytes) -> Iterator[bytes]:
    at = len(_JPEG)
    while at + 4 <= len(data) and data[at] == _MARKER and data[at + 1] not in {_SCAN, _END}:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == _APP1 and data.startswith(_JPEG_XMP, at + 4):
            yield data[at + 4 + len(_JPEG_XMP) : end]
        at = end


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the name and the body of each chunk of a WebP file."""
    at = 12
    while at + 8 <= len(data):
        long = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + long]
        at += 8 + long + long % 2
