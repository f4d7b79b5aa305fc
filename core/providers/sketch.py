"""The keyless provider: pictures drawn by rules, at once, for nothing."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from PIL import Image

from core.images import codec
from core.images.worker import ImageWorker
from core.job import Remote
from core.ports import Callback, Health, Made, Order, Step
from core.work import Edit, Task, Work

STRENGTH = 0.6
"""How far an edit goes when nobody says."""


@dataclass(frozen=True)
class Sketch:
    """Draws in the limited worker; the same order always gives the same pictures."""

    worker: ImageWorker
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    drawn: dict[str, list[bytes]] = field(default_factory=dict[str, list[bytes]])

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        return "sketch"

    async def prepare(self, order: Order) -> Order:
        """Need nothing beforehand."""
        return order

    async def order(self, order: Order) -> Remote:
        """Take an order; free, so taking it twice does no harm."""
        self.orders[order.job] = order
        return Remote(id=order.job)

    async def find(self, order: Order, since: datetime) -> tuple[Remote, ...]:
        """Find nothing: what is free is drawn again."""
        return ()

    async def recognise(self, order: Order, remote_id: str) -> Remote | None:
        """Know nothing that was taken."""
        return None

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        """Trust nobody: a sketch calls nobody back."""
        return None

    async def follow(self, remote: Remote, look: asyncio.Event) -> AsyncIterator[Step]:
        """Draw, picture by picture; after a restart `result` draws what is missing."""
        order = self.orders.pop(remote.id, None)
        if order is None:
            return
        drawn: list[bytes] = []
        for number in range(order.work.num_images):
            yield Step(running=True, done=number)
            drawn.append(await self._draw(order, number))
        # Not before all are there: what breaks off here is handed over to nobody.
        self.drawn[remote.id] = drawn

    async def result(self, remote: Remote, order: Order) -> Made:
        """Hand over what was drawn."""
        drawn = self.drawn.pop(remote.id, [])
        for number in range(len(drawn), order.work.num_images):
            drawn.append(await self._draw(order, number))
        seeds = tuple(_seed(order.work, number) for number in range(len(drawn)))
        return Made(images=tuple(drawn), seeds=seeds, cost=0)

    async def cancel(self, remote: Remote) -> bool:
        """Let it finish: a sketch is done sooner than a cancellation."""
        return False

    async def check(self) -> Health:
        """Always good: it needs no key."""
        return Health(ok=True, detail="drawn by rules, no key needed")

    async def _draw(self, order: Order, number: int) -> bytes:
        return await self.worker.run(_rendered, order, _seed(order.work, number) or 0)


def _seed(work: Work, number: int) -> int | None:
    return None if work.seed is None else work.seed + number


def _rendered(order: Order, seed: int) -> bytes:
    """Draw one picture; uncompressed, for the finishing chain encodes it once and for good."""
    data = io.BytesIO()
    _picture(order, seed).save(data, "PNG", compress_level=0)
    return data.getvalue()


def _picture(order: Order, seed: int) -> Image.Image:
    from core.sketch.draw import draw  # noqa: PLC0415  it brings numpy, which no start needs
    from core.sketch.inpaint import inpaint  # noqa: PLC0415  the same
    from core.sketch.redraw import enlarge, redraw  # noqa: PLC0415  the same

    work = order.work
    no = work.negative_prompt
    if not isinstance(work, Edit):
        return draw(
            work.prompt, seed=seed, width=work.width, height=work.height, negative_prompt=no
        )
    source = codec.read(order.inputs[work.image])
    strength = STRENGTH if work.strength is None else work.strength
    if work.task is Task.UPSCALE:
        return enlarge(source, work.upscale_factor)
    if work.task is Task.INPAINT:
        mask = codec.read(order.inputs[work.mask_image])
        return inpaint(source, mask, work.prompt, seed=seed, strength=strength)
    return redraw(source, work.prompt, seed=seed, strength=strength, negative_prompt=no)
