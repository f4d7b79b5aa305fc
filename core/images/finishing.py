"""The finishing chain: provider output -> delivered picture, and uploads on their way in."""

from dataclasses import dataclass

from core.catalogue import ModelSpec
from core.images import codec, marking
from core.images.fit import fit
from core.images.worker import ImageWorker
from core.ports import Finished
from core.work import Edit, Work

QUALITY = 95
"""Of JPEG and WebP, encoded once more after the provider did."""
MOST_SIDES = 10_000
"""Width and height together, the most that a chat platform takes for a photo."""
MOST_RATIO = 20.0


@dataclass(frozen=True)
class Chain:
    """Decode, check, mark and encode, always in the limited worker."""

    worker: ImageWorker

    async def take_in(self, data: bytes) -> Finished:
        """Check an upload, turn it upright and strip what it tells of its owner."""
        return _finished(await self.worker.run(codec.clean, data))

    async def finish(self, data: bytes, spec: ModelSpec, work: Work) -> Finished:
        """Check what a provider made and mark it as made by a machine."""
        return _finished(await self.worker.run(_marked, data, _source(spec, work), spec.title))

    async def fit(self, data: bytes, most_bytes: int) -> Finished:
        """Make a smaller copy that a platform takes."""
        copy = await self.worker.run(fit, data, most_bytes, MOST_SIDES, MOST_RATIO)
        return _finished(copy)

    async def thumbnail(self, data: bytes, side: int) -> Finished:
        """Make a small copy for a list."""
        return _finished(await self.worker.run(codec.thumbnail, data, side))


def _source(spec: ModelSpec, work: Work) -> marking.SourceType:
    """Name what made it, in the words of IPTC: rules are not a trained model."""
    if spec.provider == "sketch":
        return marking.SourceType.ALGORITHMIC
    if isinstance(work, Edit):
        return marking.SourceType.COMPOSITE
    return marking.SourceType.TRAINED


def _marked(data: bytes, source: marking.SourceType, model: str) -> codec.Encoded:
    packet = marking.packet(source, model)
    return codec.encoded(codec.read(data), codec.format_of(data), QUALITY, packet)


def _finished(encoded: codec.Encoded) -> Finished:
    return Finished(encoded.data, encoded.mime, encoded.width, encoded.height)
