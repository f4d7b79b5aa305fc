"""The real program, run as people run it."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"http://\S+/sign-in\?key=\S+")
DEADLINE = 30.0


@dataclass(frozen=True)
class Ended:
    """How a run went."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """What it printed."""
        return self.out.decode()


@dataclass(frozen=True)
class Serving:
    """The studio, running."""

    process: Process
    banner: str
    log: Path
    """Where it writes its log."""

    @property
    def link(self) -> str:
        """The link that signs in to the web chat."""
        found = LINK.search(self.banner)
        assert found
        return found[0]

    @property
    def url(self) -> str:
        """Where the web chat is."""
        return self.link.partition("/sign-in")[0]

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        async with asyncio.timeout(DEADLINE):
            return await self.process.wait()


@dataclass(frozen=True)
class Program:
    """The program in a folder of its own, with nothing set but what the test sets."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    root: Path = ROOT

    async def begin(self, *arguments: str) -> Process:
        """Start it."""
        return await self._start(*arguments, err=PIPE)

    async def run(self, *arguments: str, stdin: bytes = b"") -> Ended:
        """Run it to its end."""
        return await end(await self.begin(*arguments), stdin)

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[Serving]:
        """Run the studio until the body ends."""
        log = self.folder / "serve.log"
        with log.open("ab") as err:
            process = await self._start("serve", err=err)
        try:
            yield Serving(process, await _banner(process), log)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def _start(self, *arguments: str, err: IO[bytes] | int) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=err,
            cwd=self.folder,
            env=self._environment(),
        )

    def _environment(self) -> dict[str, str]:
        """Leave out whatever the account or the machine has set."""
        own = {
            "PYTHONPATH": str(self.root),
            "LANG": "C.UTF-8",
            "NANO_BANANA_DATA_DIR": str(self.folder / "data"),
            "NANO_BANANA_WEB_PORT": "0",
        }
        return {**measured(), **own, **self.settings}


def measured() -> dict[str, str]:
    """Name the variables by which coverage follows a test into the program that it starts."""
    variables = os.environ.items()  # noqa: TID251 - they are coverage's, not settings
    return {name: value for name, value in variables if name.startswith("COVERAGE")}


async def end(process: Process, stdin: bytes = b"") -> Ended:
    """Wait for the end of a run."""
    try:
        async with asyncio.timeout(DEADLINE):
            out, err = await process.communicate(stdin)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.communicate()
        raise
    return Ended(process.returncode or 0, out, err.decode())


async def _banner(process: Process) -> str:
    """Read what it says when it is ready."""
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(DEADLINE):
        while not (lines and LINK.search(lines[-1])):
            lines.append((await process.stdout.readline()).decode())
            assert lines[-1], "the studio did not start; serve.log says why"
    return "".join(lines)
