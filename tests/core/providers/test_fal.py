"""fal from order to picture, and everything that goes wrong on the way."""

from core.providers.fal import Fal
from tests.core.providers.orders import edit, generation, make, order_of, spec_of
from tests.emulators.fal import FalEmulator
from tests.emulators.pictures import size_of

SCHNELL = spec_of("fal", "flux-schnell")
ORDER = order_of(SCHNELL, generation(SCHNELL, seed=7, num_images=2))


async def test_a_picture_is_ordered_followed_by_stream_and_fetched_with_three_calls(
    service: FalEmulator, fal: Fal
) -> None:
    made = await make(fal, ORDER)
    assert [size_of(data) for data in made.images] == [(1024, 1024), (1024, 1024)]
    assert made.seeds == (7, None)
    assert made.flagged == 0
    calls = [(call.method, call.path.rpartition("/")[2]) for call in service.calls]
    assert calls[0] == ("POST", "schnell")
    assert calls[1] == ("GET", "stream")
    assert [call for call in service.calls if "/files/" not in call.path][3:] == []


async def test_an_edit_uploads_its_picture_first(service: FalEmulator, fal: Fal) -> None:
    made = await make(fal, order_of(spec_of("fal", "flux-dev"), edit(strength=0.6)))
    assert size_of(made.images[0]) == (512, 384)
    given = service.jobs[0].input
    assert service.storage.load(given["image_url"]) is not None
    assert given["strength"] == 0.6
