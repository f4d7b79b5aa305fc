"""The data directory's lock: one studio at a time. Nothing heavy is imported before it is taken."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.errors import ConfigError

VARIABLE = "NANO_BANANA_DATA_DIR"


@contextmanager
def only_one(folder: Path) -> Generator[None]:
    """Refuse a second studio on the same data directory, which is made when it is not there."""
    make_private(folder)
    with _opened(folder / "lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            remedy = f"another studio is running on {folder}; stop it, or name another directory."
            raise ConfigError(VARIABLE, remedy) from None
        yield


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
