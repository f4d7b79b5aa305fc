import asyncio
import io
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from core.errors import BadPicture
from core.images.codec import (
    Encoded,
    Limits,
    clean,
    encode,
    format_of,
    measure,
    read,
    thumbnail,
)
from tests.core.images.files import CANARY, photo, pixel, png_bomb, png_chunk, private_exif, saved

KINDS = ("PNG", "JPEG", "WEBP", "AVIF")
SOUND = {kind: photo(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_picture_is_read_and_measured(kind: str) -> None:
    image = read(SOUND[kind])
    assert (image.mode, image.size) == ("RGB", (96, 64))
    seen = measure(SOUND[kind])
    assert (seen.mime, seen.width, seen.height) == (f"image/{kind.lower()}", 96, 64)
    assert format_of(SOUND[kind]) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_private_survives_the_intake(kind: str) -> None:
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", CANARY.decode())
    image = Image.open(io.BytesIO(SOUND[kind]))
    data = saved(image, kind, exif=private_exif(), xmp=xmp, pnginfo=text)
    assert CANARY in data
    cleaned = clean(data)
    assert CANARY not in cleaned.data
    info = Image.open(io.BytesIO(cleaned.data)).info
    assert not {"exif", "xmp", "icc_profile", "Comment", "photoshop"} & info.keys()


def test_a_file_hidden_behind_a_picture_is_gone_after_the_intake() -> None:
    archive = io.BytesIO(SOUND["JPEG"])
    with zipfile.ZipFile(archive, "a") as hidden:
        hidden.writestr("page.html", "<script>")
    assert zipfile.is_zipfile(archive)
    assert not zipfile.is_zipfile(io.BytesIO(clean(archive.getvalue()).data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_set_upright(orientation: int) -> None:
    image = Image.new("RGB", (40, 20), "white")
    image.paste("red", (0, 0, 10, 10))
    backwards = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    lying = image.transpose(turns[backwards[orientation]]) if orientation > 1 else image
    data = saved(lying, "PNG", exif=private_exif(orientation))
    assert read(data).tobytes() == image.tobytes()
    assert (measure(data).width, measure(data).height) == (40, 20)


def test_colours_of_another_profile_become_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    data = saved(Image.new("RGB", (8, 8), (250, 0, 0)), "PNG", icc_profile=swapped)
    red, _, blue = pixel(read(data), 0, 0)
    assert red < 20
    assert blue > 200


def test_a_broken_colour_profile_does_no_harm() -> None:
    data = saved(Image.new("RGB", (8, 8), (90, 90, 90)), "PNG", icc_profile=b"nonsense")
    assert read(data).getpixel((0, 0)) == (90, 90, 90)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_rgb_or_rgba(mode: str) -> None:
    grey = Image.new("L", (8, 8), 255)
    image = Image.new("I;16", (8, 8), 65535) if mode == "I;16" else grey.convert(mode)
    read_back = read(saved(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert read_back.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")
    assert np.asarray(read_back).min() >= 250, "white stays white"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_only_the_first_frame_is_read(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=40)
    red, green, blue = pixel(read(data), 4, 4)
    assert red > 200
    assert max(green, blue) < 60
    assert getattr(Image.open(io.BytesIO(clean(data).data)), "n_frames", 1) == 1


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "ICO", "EPS", "PPM", "TGA", "PCX"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(BadPicture) as caught:
        read(photo(kind))
    assert caught.value.reason == "format"


def test_a_phone_photo_with_a_second_picture_inside_is_a_jpeg() -> None:
    image = Image.open(io.BytesIO(SOUND["JPEG"]))
    data = saved(image, "MPO", save_all=True, append_images=[image])
    assert format_of(data) == "JPEG"
    assert read(data).size == (96, 64)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"),
        (b"%PDF-1.7", "format"),
        (SOUND["PNG"][:200], "broken"),
        (SOUND["JPEG"][:400], "broken"),
        (SOUND["PNG"] + bytes(70 * 1024 * 1024), "too_large"),
        (png_bomb(13_000), "too_many_pixels"),
        (png_bomb(20_000), "too_many_pixels"),
        (png_bomb(7_100), "too_many_pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_files_are_refused_with_the_reason(data: bytes, reason: str) -> None:
    for function in (read, clean):
        with pytest.raises(BadPicture) as caught:
            function(data)
        assert caught.value.reason == reason


def test_what_was_made_may_be_larger_than_what_is_sent() -> None:
    data = SOUND["PNG"] + bytes(30 * 1024 * 1024)
    assert read(data).size == (96, 64)
    with pytest.raises(BadPicture):
        clean(data)


MEASURED = """
import resource, sys
from core.errors import BadPicture
from core.images.codec import read
from tests.core.images.files import png_bomb, saved
from PIL import Image

read(saved(Image.new("RGB", (64, 64)), "WEBP"))
bombs = [png_bomb(13_000), open(sys.argv[1], "rb").read()]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for bomb in bombs:
    try:
        read(bomb)
    except BadPicture as refusal:
        print(refusal.reason)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


async def test_a_flood_of_pixels_takes_no_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.webp"
    Image.new("P", (16_383, 4_000)).save(bomb, lossless=True, method=0)
    assert bomb.stat().st_size < 100_000
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MEASURED, str(bomb), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    first, second, kilobytes = output.decode().split()
    assert first == second == "too_many_pixels"
    assert int(kilobytes) < 20 * 1024


def test_texts_that_inflate_are_skipped() -> None:
    bomb = zlib.compress(bytes(64 * 1024 * 1024), 9)
    sound = SOUND["PNG"]
    body = png_chunk(b"zTXt", b"workflow\x00\x00" + bomb)
    assert read(sound[:33] + body + sound[33:]).size == (96, 64)


def test_limits_can_be_tightened() -> None:
    with pytest.raises(BadPicture) as caught:
        read(SOUND["PNG"], Limits(max_pixels=1000))
    assert caught.value.reason == "too_many_pixels"
    with pytest.raises(BadPicture) as caught:
        read(SOUND["PNG"], Limits(formats=("JPEG",)))
    assert caught.value.reason == "format"


def test_a_transparent_picture_stays_transparent() -> None:
    data = saved(Image.new("RGBA", (10, 10), (255, 0, 0, 90)), "WEBP", lossless=True)
    cleaned = clean(data)
    assert cleaned.mime == "image/png"
    assert read(cleaned.data).getpixel((5, 5)) == (255, 0, 0, 90)
    assert pixel(read(encode(read(data), "JPEG", 90)), 5, 5)[1] > 150, "on white"


def test_a_thumbnail_is_small_and_upright() -> None:
    data = photo("JPEG", (900, 600), exif=private_exif(6))
    small = thumbnail(data, 90)
    assert isinstance(small, Encoded)
    assert (small.width, small.height) == (60, 90)
    assert read(small.data).size == (60, 90)
    assert CANARY not in small.data


@settings(max_examples=400)
@given(st.sampled_from(KINDS), st.data())
def test_no_mutated_file_raises_anything_but_bad_picture(kind: str, data: st.DataObject) -> None:
    mutated = bytearray(SOUND[kind])
    place = st.integers(0, len(mutated) - 1) | st.integers(0, 64)
    for at, value in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=12)):
        mutated[min(at, len(mutated) - 1)] = value
    cut = data.draw(st.integers(0, len(mutated)) | st.just(len(mutated)))
    insert = data.draw(st.binary(max_size=40))
    mutated[cut:cut] = insert
    if data.draw(st.booleans()):
        del mutated[cut + len(insert) :]
    for function in (read, measure, clean, lambda it: thumbnail(it, 32)):
        try:
            function(bytes(mutated))
        except BadPicture as refusal:
            assert refusal.reason in {"format", "too_many_pixels", "broken", "empty"}  # noqa: PT017 - both ends are right
