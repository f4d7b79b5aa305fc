"""Run one emulator in its own process, for crash tests and benchmarks.

`python -m tests.emulators fal --calls calls.jsonl` prints one JSON line with the addresses of the
service and of its control port, and ends on SIGTERM or when its standard input is closed.
"""

import argparse
import asyncio
import importlib
import json
import os
import signal
import stat
import sys
from contextlib import closing
from pathlib import Path

from tests.emulators.control import CallFile, Control
from tests.emulators.server import Emulator

EMULATORS = {
    "fal": "FalEmulator",
    "replicate": "ReplicateEmulator",
    "telegram": "TelegramEmulator",
    "discord": "DiscordEmulator",
}


def emulator_named(name: str) -> Emulator:
    """Make an emulator; only its own module is imported."""
    module = importlib.import_module(f"tests.emulators.{name}")
    return getattr(module, EMULATORS[name])()


async def serve(emulator: Emulator, calls: Path) -> None:
    """Serve until the process is told to end."""
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    with closing(CallFile(calls)) as recorded:
        emulator.calls = recorded
        async with emulator, Control(emulator) as control, asyncio.TaskGroup() as tasks:
            print(json.dumps({"url": emulator.url, "control": control.url}), flush=True)  # noqa: T201 - the promised line
            watch = tasks.create_task(_end_of_input(end))
            await end.wait()
            watch.cancel()


async def _end_of_input(end: asyncio.Event) -> None:
    """Wait until a pipe on the standard input is closed; anything else says nothing."""
    if not stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        return
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    end.set()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=EMULATORS)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    emulator = emulator_named(options.name)
    emulator.port = options.port
    asyncio.run(serve(emulator, options.calls))


if __name__ == "__main__":
    main()
