"""The data directory's locks: one studio at a time, and no terminal beside a restore.

Nothing heavy is imported before they are taken.
"""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.errors import ConfigError

VARIABLE = "NANO_BANANA_DATA_DIR"
TERMINALS = "terminal.lock"
"""Shared by terminals; a restore has it for itself."""
ALONE = "alone.lock"
"""Tells terminals of each other. It is not the one above: whoever finds that it is alone holds this
one for itself for a moment, and that must not look like a restore."""


@contextmanager
def only_one(folder: Path) -> Generator[None]:
    """Refuse a second studio on the same data directory, which is made when it is not there."""
    remedy = f"another studio is running on {folder}; stop it, or name another directory."
    with _locked(folder / "lock", fcntl.LOCK_EX, remedy):
        yield


@contextmanager
def without_terminals(folder: Path) -> Generator[None]:
    """Refuse while a terminal works on these data, and let none begin."""
    remedy = "a terminal works on these data; wait until it has ended."
    with _locked(folder / TERMINALS, fcntl.LOCK_EX, remedy):
        yield


@contextmanager
def as_terminal(folder: Path) -> Generator[bool]:
    """Refuse during a restore, and let none begin.

    Tells whether no other terminal works on these data, so that what one left may be taken up.
    """
    remedy = f"a restore is under way on {folder}; try again when it has ended."
    with (
        _locked(folder / TERMINALS, fcntl.LOCK_SH, remedy),
        _opened(folder / ALONE) as lock,
    ):
        alone = _got(lock, fcntl.LOCK_EX)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield alone


@contextmanager
def _locked(file: Path, how: int, remedy: str) -> Generator[None]:
    make_private(file.parent)
    with _opened(file) as lock:
        if not _got(lock, how):
            raise ConfigError(VARIABLE, remedy)
        yield


def _got(lock: TextIO, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(file: Path) -> TextIO:
    try:
        return file.open("w")
    except OSError as error:
        remedy = f"{file} cannot be written ({error.strerror}). Let this account own the directory."
        raise ConfigError(VARIABLE, remedy) from None


def make_private(folder: Path) -> None:
    """Make the data directory for this account alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        remedy = f"{folder} cannot be made ({error.strerror}). Name a directory of your own."
        raise ConfigError(VARIABLE, remedy) from None
