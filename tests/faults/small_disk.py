"""A disk for pictures that fails: its folder is in use, it is full, or it takes no writes."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIZE = 4 * 1024 * 1024
FREE = frozenset({"in_the_way"})
"""What can go wrong in any folder; a disk of its own only root can have."""


class SmallDisk:
    """A folder for pictures on a disk that can be spoiled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.images = folder / "images"
        self._aside = folder / "aside"
        self._ballast = folder / "ballast"

    def spoil(self, fault: str) -> None:
        """Let this go wrong."""
        match fault:
            case "in_the_way":
                self.images.rename(self._aside)
                self.images.touch()
            case "full":
                self._fill()
            case _:
                _mount("-o", "remount,ro", str(self._folder))

    def mend(self) -> None:
        """Take pictures again."""
        if self._aside.exists():
            self.images.unlink()
            self._aside.rename(self.images)
        if os.statvfs(self._folder).f_flag & os.ST_RDONLY:
            _mount("-o", "remount,rw", str(self._folder))
        self._ballast.unlink(missing_ok=True)

    def _fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(65536))
            except OSError:
                return


@contextmanager
def small_disk(folder: Path, fault: str) -> Generator[SmallDisk]:
    """Make one that can have this fault."""
    if fault in FREE:
        yield SmallDisk(folder)
        return
    if os.geteuid() or _mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)):
        pytest.skip("only who may mount can have a disk that is full or locked")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["/bin/umount", "--lazy", folder], check=True)


def _mount(*words: str) -> int:
    return subprocess.run(["/bin/mount", *words], check=False).returncode
