"""The real program, run as people run it."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"http://\S+/sign-in\?key=\S+")
DEADLINE = 20.0


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


def environment(folder: Path, settings: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """Make an environment with nothing in it that the account or the machine has set."""
    measured = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251  coverage follows its variables
        if name.startswith("COVERAGE")
    }
    own = {
        "PYTHONPATH": str(root),
        "LANG": "C.UTF-8",
        "NANO_BANANA_DATA_DIR": str(folder / "data"),
        "NANO_BANANA_WEB_PORT": "0",
    }
    return {**measured, **own, **settings}


async def begin(folder: Path, *arguments: str, root: Path = ROOT, **settings: str) -> Process:
    """Start the program in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=folder,
        env=environment(folder, settings, root),
    )


async def run(
    folder: Path, *arguments: str, stdin: bytes = b"", root: Path = ROOT, **settings: str
) -> Ended:
    """Run the program to its end."""
    return await end(await begin(folder, *arguments, root=root, **settings), stdin)


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


@asynccontextmanager
async def serving(folder: Path, root: Path = ROOT, **settings: str) -> AsyncGenerator[Serving]:
    """Run the studio until the body ends; what it logs goes to `serve.log`."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "serve.log"
    with log.open("ab") as err:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve"),
            stdout=PIPE,
            stderr=err,
            cwd=folder,
            env=environment(folder, settings, root),
        )
    try:
        yield Serving(process, await _banner(process, log), log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _banner(process: Process, log: Path) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(DEADLINE):
        while not (lines and LINK.search(lines[-1])):
            line = await process.stdout.readline()
            assert line, f"the studio did not start:\n{''.join(lines)}{log.read_text()}"
            lines.append(line.decode())
    return "".join(lines)
