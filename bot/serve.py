"""The running studio: one process, one group of tasks, from the first signal to a clean end."""

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from core.errors import ConfigError

QUIET_END = 10.0
"""Seconds that open work has to reach a resting place."""


@contextmanager
def only_one(folder: Path) -> Generator[None]:
    """Refuse a second studio on the same data directory."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            remedy = f"another studio is running on {folder}; stop it, or name another directory."
            raise ConfigError("NANO_BANANA_DATA_DIR", remedy) from None
        yield


@asynccontextmanager
async def until_signalled() -> AsyncGenerator[asyncio.Event]:
    """Turn the first SIGTERM or SIGINT into an event; the second ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, heard)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
