import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.sketch.caption import band_height
from core.sketch.draw import draw
from core.sketch.inpaint import inpaint
from core.sketch.redraw import enlarge, redraw

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@pytest.fixture(scope="module")
def house() -> Image.Image:
    return draw("a house in the mountains by day", seed=3, width=384, height=288)


def pixels(image: Image.Image) -> Pixels:
    high = image.height - band_height(*image.size)
    return np.asarray(image.crop((0, 0, image.width, high)), dtype=np.float64)


def likeness(one: Pixels, other: Pixels) -> float:
    return float(np.corrcoef(one.mean(axis=2).ravel(), other.mean(axis=2).ravel())[0, 1])


def test_make_it_night_darkens_a_picture_that_stays_recognisable(house: Image.Image) -> None:
    night = redraw(house, "make it night", seed=1, strength=0.7)
    assert pixels(night).mean() < 0.65 * pixels(house).mean()
    assert likeness(pixels(night), pixels(house)) > 0.75


def test_more_strength_changes_more(house: Image.Image) -> None:
    changes = [
        np.abs(pixels(redraw(house, "at sunset", seed=1, strength=share)) - pixels(house)).mean()
        for share in (0.1, 0.5, 1.0)
    ]
    assert changes[0] < changes[1] < changes[2]


def test_add_draws_a_new_thing_beside_the_old(house: Image.Image) -> None:
    plain = redraw(house, "a red fox", seed=1, strength=0.5)
    added = redraw(house, "add a red fox", seed=1, strength=0.5)
    changed = np.abs(pixels(plain) - pixels(added)).max(axis=2) > 40
    assert 0.01 < changed.mean() < 0.4


def test_seeds_vary_a_redrawn_picture(house: Image.Image) -> None:
    results = {redraw(house, "prettier", seed=seed).tobytes() for seed in range(8)}
    assert len(results) > 2


@pytest.mark.parametrize(
    "prompt", ["a red fox", "a rocket in space at night", "a kraken", "remove the house", ""]
)
def test_inpainting_keeps_every_pixel_outside_the_mask(house: Image.Image, prompt: str) -> None:
    mask = Image.new("L", house.size)
    ImageDraw.Draw(mask).ellipse((60, 40, 330, 250), fill=255)
    result = inpaint(house, mask, prompt, seed=5)
    outside = np.asarray(mask) == 0
    assert np.array_equal(np.asarray(result)[outside], np.asarray(house)[outside])
    assert (np.asarray(result)[~outside] != np.asarray(house)[~outside]).mean() > 0.3


def test_only_a_mask_too_small_for_the_preview_line_puts_it_below(house: Image.Image) -> None:
    mask = Image.new("L", house.size)
    ImageDraw.Draw(mask).rectangle((180, 60, 210, 90), fill=255)
    result = inpaint(house, mask, "a star", seed=5)
    allowed = np.asarray(mask) > 0
    allowed[house.height - band_height(*house.size) :] = True
    assert np.array_equal(np.asarray(result)[~allowed], np.asarray(house)[~allowed])


def test_an_empty_mask_changes_nothing(house: Image.Image) -> None:
    result = inpaint(house, Image.new("L", house.size), "a fox", seed=5)
    assert result.tobytes() == house.tobytes()


def test_a_grey_mask_and_less_strength_blend(house: Image.Image) -> None:
    full = Image.new("L", house.size, 255)
    strong, weak = (inpaint(house, full, "night in space", seed=5, strength=s) for s in (1, 0.3))
    change = [np.abs(pixels(one) - pixels(house)).mean() for one in (strong, weak)]
    assert change[0] > 2 * change[1] > 0


def test_enlarging_keeps_the_picture(house: Image.Image) -> None:
    large = enlarge(house, 2)
    assert large.size == (768, 576)
    back = large.resize(house.size, Image.Resampling.BOX)
    assert likeness(pixels(back), pixels(house)) > 0.99
