"""Child processes with a clean environment: started, measured through /proc, and ended."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
START = 30.0
"""Seconds for a first word."""
END = 10.0
"""Seconds for a last one."""
LINE = 1024 * 1024


@dataclass(frozen=True)
class Child:
    """A process of ours."""

    process: Process
    words: Path
    """What it wrote to its standard error."""

    @property
    def seconds_of_work(self) -> float:
        """Sum the processor time of all its threads, to the clock's tick (10 ms)."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def mebibytes(self) -> float:
        """Tell its resident memory."""
        found = re.search(r"^VmRSS:\s+(\d+) kB$", self._proc("status"), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0

    async def line(self, start: str = "") -> str:
        """Wait for a line of its output that starts like this."""
        output = self.process.stdout
        async with asyncio.timeout(START):
            while output and (line := (await output.readline()).decode()):
                if line.startswith(start):
                    return line.strip()
        raise RuntimeError(f"ended without a word:\n{self.words.read_text()[-2000:]}")

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self.process.pid}/{name}").read_text(encoding="utf-8")


def made(folder: Path) -> Path:
    """Make sure of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@asynccontextmanager
async def running(
    folder: Path, module: str, *arguments: str, settings: Mapping[str, str] | None = None
) -> AsyncGenerator[Child]:
    """Run a module of this project in a folder while the body runs."""
    words = made(folder) / f"{module}.words"
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(folder), **(settings or {})}
    with words.open("a") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=folder,
            env=environment,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=errors,
            limit=LINE,
        )
    try:
        yield Child(process, words)
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END)
    except TimeoutError:
        process.kill()
        await process.wait()
