import numpy as np
import pytest
from PIL import Image

from core.errors import BadPicture
from core.images.codec import measure, read
from core.images.fit import fit
from core.images.marking import SourceType, mark, source_type
from tests.core.images.files import photo, pixel, saved


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


def test_a_photo_that_fits_is_left_alone() -> None:
    data = photo("WEBP")
    fitted = fit(data, 10_000_000, 10_000, 20)
    assert fitted.data == data
    assert fitted.mime == "image/webp"


def test_a_photo_of_too_many_bytes_loses_quality_before_size() -> None:
    data = saved(noise(300, 200), "PNG")
    fitted = fit(data, 90_000, 10_000, 20)
    assert len(fitted.data) <= 90_000
    assert (fitted.width, fitted.height) == (300, 200)
    smaller = fit(data, 20_000, 10_000, 20)
    assert len(smaller.data) <= 20_000
    assert smaller.width < 300


def test_sides_that_are_too_long_together_are_scaled_down() -> None:
    fitted = fit(photo("JPEG", (700, 500)), 10_000_000, 600, 20)
    assert (fitted.width, fitted.height) == (350, 250)
    assert measure(fitted.data).width == 350


def test_a_picture_that_is_too_long_gets_margins_and_is_not_cut() -> None:
    data = saved(Image.new("RGB", (1000, 10), "red"), "PNG")
    fitted = fit(data, 10_000_000, 10_000, 20)
    assert (fitted.width, fitted.height) == (1000, 50)
    image = read(fitted.data)
    assert pixel(image, 500, 25)[1] < 30
    assert pixel(image, 500, 2)[1] > 240


def test_the_mark_of_origin_survives_the_fitting() -> None:
    data = mark(noise(200, 200), SourceType.TRAINED, "FLUX", "PNG", 95)
    fitted = fit(data, 30_000, 10_000, 20)
    assert fitted.mime == "image/jpeg"
    assert source_type(fitted.data) == "trainedAlgorithmicMedia"


def test_what_cannot_fit_is_refused() -> None:
    with pytest.raises(BadPicture) as caught:
        fit(photo("PNG"), 100, 10_000, 20)
    assert caught.value.reason == "too_large"
