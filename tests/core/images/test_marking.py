import io
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.images.codec import Format, clean, read
from core.images.container import xmp_in
from core.images.marking import SourceType, mark, source_type
from core.sketch.draw import draw
from tests.core.images.files import photo, png_chunk

IMAGE = draw("a cat", seed=1, width=64, height=64)
MARKED = {
    kind: mark(IMAGE, SourceType.TRAINED, "FLUX", kind, 90) for kind in ("PNG", "JPEG", "WEBP")
}
EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("source", SourceType)
def test_a_mark_is_read_back(kind: Format, source: SourceType) -> None:
    data = mark(IMAGE, source, "FLUX.2 [pro] <&>", kind, 90)
    assert source_type(data) == source
    assert read(data).size == (64, 64)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_packet_is_what_other_readers_expect(kind: Format) -> None:
    data = mark(IMAGE, SourceType.COMPOSITE, "Nano <Banana> & Co", kind, 90)
    info = Image.open(io.BytesIO(data)).info
    packet = info["XML:com.adobe.xmp" if kind == "PNG" else "xmp"]
    tree = ET.fromstring(packet)  # noqa: S314 - our own packet
    source = tree.find(f".//{EXT}DigitalSourceType")
    assert source is not None
    assert source.text == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )
    system = tree.find(f".//{EXT}AISystemUsed")
    assert system is not None
    assert system.text == "Nano <Banana> & Co"


def test_a_sketch_names_no_ai_system() -> None:
    data = mark(IMAGE, SourceType.ALGORITHMIC, "sketch", "PNG", 90)
    assert source_type(data) == "algorithmicMedia"
    assert b"AISystemUsed" not in data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_without_a_mark_has_no_source(kind: str) -> None:
    assert source_type(photo(kind)) is None
    assert source_type(clean(MARKED["PNG"]).data) is None


def test_a_huge_packet_is_not_searched() -> None:
    keyword = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00"
    huge = png_chunk(
        b"iTXt", keyword + b" " * 100_000 + b"digitalsourcetype/trainedAlgorithmicMedia"
    )
    plain = photo("PNG")
    assert source_type(plain[:33] + huge + plain[33:]) is None


@given(st.sampled_from(sorted(MARKED)), st.integers(0, 4000), st.binary(max_size=20))
def test_reading_a_mark_never_fails(kind: str, at: int, junk: bytes) -> None:
    data = MARKED[kind]
    at = min(at, len(data))
    assert source_type(data[:at] + junk + data[at + len(junk) :]) in {*SourceType, None} or junk
    assert len(xmp_in(data[:at])) <= 65536
