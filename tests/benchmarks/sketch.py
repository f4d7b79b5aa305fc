"""A sketch of 1024 by 1024 pixels, as it is drawn and finished."""

import io
import time
from itertools import count
from pathlib import Path

from PIL import Image

from core.catalogue import Catalogue
from core.images.finishing import Chain
from core.images.worker import ImageWorker
from core.ports import Made, Order
from core.providers.sketch import Sketch
from core.sketch.draw import draw
from core.work import Generation
from tests.benchmarks.table import Goal, Result, Row, share

HOW = """\
One picture of 1024 × 1024 pixels, from the order to the marked file, in the image worker:
drawn, checked, marked and encoded. The floor is Pillow encoding the same pixels as the same
kind of file."""
SIDE = 1024
PROMPTS = (
    "a red fox in the snow",
    "a castle on a hill at night",
    "a boat on the sea at sunset",
    "a forest in the fog",
    "two cats on a sofa",
)


def order_of(seed: int, count: int = 1) -> Order:
    """Make an order for a sketch."""
    spec = Catalogue.load(["sketch"], "").models[0]
    work = Generation(
        prompt=PROMPTS[seed % len(PROMPTS)],
        width=SIDE,
        height=SIDE,
        aspect_ratio="1:1",
        seed=seed,
        num_images=count,
    )
    return Order(job=f"sketch{seed}", spec=spec, work=work)


async def finished(chain: Chain, order: Order) -> list[bytes]:
    """Draw an order and finish its pictures."""
    sketch = Sketch(chain.worker)
    made: Made = await sketch.result(await sketch.order(order), order)
    return [(await chain.finish(one, order.spec, order.work)).data for one in made.images]


def encode(image: Image.Image) -> float:
    """Encode pixels with Pillow alone; return the milliseconds."""
    began = time.perf_counter()
    image.save(io.BytesIO(), "PNG", compress_level=1)
    return (time.perf_counter() - began) * 1000


def draw_for_ever() -> None:
    """Draw and encode, one picture after another, until the process ends."""
    for seed in count():
        encode(draw(PROMPTS[seed % len(PROMPTS)], seed=seed, width=SIDE, height=SIDE))


async def measure(folder: Path, *, quick: bool) -> Result:
    """Draw the same pictures each time."""
    ours, floor = list[float](), list[float]()
    async with ImageWorker() as worker:
        for seed in range(5 if quick else 30):
            began = time.perf_counter()
            (data,) = await finished(Chain(worker), order_of(seed))
            ours.append((time.perf_counter() - began) * 1000)
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                floor.append(encode(image))
    rows = [
        Row("sketch 1024 × 1024, p50", "ms", share(ours, 50), share(floor, 50), Goal(300)),
        Row("sketch 1024 × 1024, slowest", "ms", max(ours), max(floor)),
    ]
    return Result(HOW, tuple(rows))
