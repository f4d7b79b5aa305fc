"""Whether the disk has room to keep what would be paid for."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import StoreFailing

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """The file system of a folder, and how much of it stays free."""

    folder: Path
    least: int = 500 * 1024 * 1024
    """Bytes."""
    share: float = 0.05
    """Of the whole file system."""

    async def check(self) -> None:
        """Raise StoreFailing when less is free than has to be."""
        usage = await asyncio.to_thread(shutil.disk_usage, self.folder)
        needed = max(self.least, round(usage.total * self.share))
        if usage.free < needed:
            raise StoreFailing(
                "disk_low", free=usage.free // MEGABYTE, needed=-(-needed // MEGABYTE)
            )
