import time

import numpy as np
import pytest
from PIL import Image

from core.sketch.caption import PAPER, band_height
from core.sketch.colour import NAMED
from core.sketch.draw import draw
from core.sketch.subjects import subjects


def picture(prompt: str, seed: int = 7, size: tuple[int, int] = (256, 256)) -> Image.Image:
    return draw(prompt, seed=seed, width=size[0], height=size[1])


def inside(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Give the picture without its preview line, as numbers."""
    high = image.height - band_height(*image.size)
    return np.asarray(image.crop((0, 0, image.width, high)), dtype=np.float64)


def test_the_same_order_gives_the_same_bytes() -> None:
    first = picture("two red foxes in a stormy forest at dawn, watercolor")
    again = picture("two red foxes in a stormy forest at dawn, watercolor")
    assert first.tobytes() == again.tobytes()


def test_other_seeds_compose_otherwise() -> None:
    pictures = [inside(picture("a boat on the sea", seed)) for seed in range(4)]
    for i, one in enumerate(pictures):
        for other in pictures[i + 1 :]:
            assert np.abs(one - other).mean() > 5


def test_another_word_keeps_the_composition() -> None:
    day = inside(picture("a castle by day in the mountains"))
    sunset = inside(picture("a castle at sunset in the mountains"))
    unlike = inside(picture("a castle by day in the mountains", seed=8))
    edges = [np.abs(np.diff(p.mean(axis=2), axis=1)) > 12 for p in (day, sunset, unlike)]
    same, other = ((edges[0] & edge).sum() / edges[0].sum() for edge in edges[1:])
    assert same > 2 * other


def test_the_time_of_day_sets_the_brightness() -> None:
    bright = {
        time_of_day: inside(picture(f"a house in the mountains at {time_of_day}")).mean()
        for time_of_day in ("noon", "sunset", "night")
    }
    assert bright["noon"] > bright["sunset"] > 1.4 * bright["night"]


def test_colours_follow_the_words() -> None:
    red, blue = inside(picture("a red fox")), inside(picture("a blue fox"))
    assert red[..., 0].mean() > blue[..., 0].mean()
    assert blue[..., 2].mean() > red[..., 2].mean()
    assert np.abs(red - blue).max(axis=2).mean() < 30, "only the fox changed"


def test_a_palette_tints_the_scenery() -> None:
    plain = inside(picture("a meadow by day"))
    tinted = draw("a meadow by day", seed=7, width=256, height=256, palette=[NAMED["purple"]])
    assert inside(tinted)[..., 1].mean() < plain[..., 1].mean() - 10


def test_what_the_negative_prompt_names_is_not_drawn() -> None:
    without = draw("a fox in the snow", seed=7, width=256, height=256, negative_prompt="fox")
    assert without.tobytes() == picture("snow").tobytes()


def test_an_unknown_word_is_written_in_any_script() -> None:
    pictures = {word: picture(word).tobytes() for word in ("zebra", "жираф", "龍", "ñandú")}
    assert len(set(pictures.values())) == len(pictures)


@pytest.mark.parametrize("name", sorted(subjects()))
def test_every_subject_leaves_a_mark(name: str) -> None:
    if subjects()[name].where == "part":
        bare, worn = picture("a cat"), picture(f"a cat with a {name}")
    else:
        bare, worn = (
            picture("studio"),
            picture(f"{name.replace('star', 'golden star')} in a studio"),
        )
    changed = np.abs(inside(bare) - inside(worn)).max(axis=2) > 20
    assert changed.mean() > 0.004


@pytest.mark.parametrize("size", [(64, 64), (64, 640), (2000, 100), (513, 511), (1, 1)])
def test_any_size_is_drawn_with_the_preview_line(size: tuple[int, int]) -> None:
    image = picture("a fox and a tree in the rain", size=size)
    assert image.size == size
    assert image.getpixel((0, size[1] - 1)) == PAPER


def test_the_preview_line_is_readable_at_512_pixels() -> None:
    image = picture("night in space", size=(512, 512))
    strip = image.crop((0, 512 - band_height(512, 512), 512, 512)).convert("L")
    dark = np.asarray(strip) < 128
    rows, columns = np.nonzero(dark)
    assert np.ptp(rows) >= 10, "letters are at least ten pixels high"
    assert 200 < np.ptp(columns) < 500, "the whole line fits"


@pytest.mark.parametrize(
    "style",
    ["watercolor", "pixel art", "line art", "black and white", "neon", "poster", "vintage"],
)
def test_every_style_looks_its_own_way(style: str) -> None:
    plain, styled = inside(picture("a cat")), inside(picture(f"a cat, {style}"))
    assert np.abs(plain - styled).mean() > 4


def test_a_large_picture_is_drawn_soon_enough() -> None:
    draw("warm up", seed=1, width=64, height=64)
    before = time.process_time()
    draw("two cats and a lighthouse on a beach at sunset", seed=1, width=1024, height=1024)
    assert time.process_time() - before < 0.6, "twice the 0.3 s it may take, for slow machines"


def test_four_megapixels_and_more_are_drawn() -> None:
    assert picture("mountains", size=(4096, 2048)).size == (4096, 2048)
