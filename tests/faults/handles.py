"""A SQLite file that fails as a bad disk would: its open handles lead elsewhere until mended."""

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path

MOST = 4096
"""Handles looked through; a process of ours has a few dozen."""
PAGE = 4096


class Handles:
    """The handles that this process has open on one database."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._log = Path(f"{database}-wal")
        self._kept: dict[int, int] = {}
        self._elsewhere: tuple[int, ...] = ()
        self._holder: sqlite3.Connection | None = None

    def hold(self) -> None:
        """Be another program in the middle of a write."""
        self._holder = sqlite3.connect(self._database, isolation_level=None)
        self._holder.execute("BEGIN IMMEDIATE")

    def fill(self) -> None:
        """Take no byte more; only what is not in the log any more can still be read."""
        self._lead(self._log, os.open("/dev/full", os.O_RDWR))

    def break_off(self) -> None:
        """Let every write fail."""
        self._lead(self._log, os.open(self._log, os.O_RDONLY))

    def tear(self) -> None:
        """Show every page but the first as zeros, to readers that remember none."""
        torn = self._database.with_name("torn.db")
        size = self._database.stat().st_size
        torn.write_bytes(self._database.read_bytes()[:PAGE].ljust(size, b"\0"))
        self._lead(self._database, os.open(torn, os.O_RDONLY))
        self._forget(1)

    def mend(self) -> None:
        """Make everything good again."""
        torn = any(_is(handle, self._database) for handle in self._kept.values())
        for handle, kept in self._kept.items():
            # What was closed meanwhile may have left its number to another file.
            if _names(handle) == self._elsewhere:
                os.dup2(kept, handle)
            os.close(kept)
        self._kept.clear()
        if self._holder is not None:
            self._holder.close()
            self._holder = None
        if torn:
            self._forget(0)

    def _lead(self, file: Path, elsewhere: int) -> None:
        handles = [handle for handle in range(MOST) if _is(handle, file)]
        self._elsewhere = _names(elsewhere)
        assert handles, f"nobody has {file.name} open"
        for handle in handles:
            self._kept[handle] = os.dup(handle)
            os.dup2(elsewhere, handle)
        os.close(elsewhere)

    def _forget(self, version: int) -> None:
        """Change the first page, so that nobody trusts the pages that they have read."""
        with closing(sqlite3.connect(self._database)) as connection:
            connection.execute(f"PRAGMA user_version={version}")


def _is(handle: int, file: Path) -> bool:
    there = file.stat()
    return _names(handle)[:2] == (there.st_dev, there.st_ino)


def _names(handle: int) -> tuple[int, ...]:
    """Name what a handle leads to, and whether it may be written; nothing for a closed one."""
    try:
        there = os.fstat(handle)
        return there.st_dev, there.st_ino, fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE
    except OSError:
        return ()
