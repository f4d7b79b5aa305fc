"""Measures the studio beside its floor, the bare libraries doing the same: `make bench`.

`--only NAME` measures one thing, `--quick` measures little of it; only a whole run writes the page.
"""

import argparse
import asyncio
import platform
import re
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from os import cpu_count, getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from rich.console import Console

from tests.benchmarks import history, intake, memory, pictures, sketch, start, web
from tests.benchmarks.plot import draw
from tests.benchmarks.table import Result, shown, written

PAGE = Path("docs/benchmarks.md")
PLOT = Path("docs/pictures/latency.png")
HEAD = """# Benchmarks

What `make bench` measured on {day}: the studio (ours) beside the floor, which is the bare libraries
doing the same in the same run. Smaller is better everywhere; the ratio is ours by the floor.
The machine: {machine}.
Telegram, Discord, fal.ai and Replicate are the emulators of the tests, each in a process of its own
on the same machine, so they and the studio share its cores.

{table}

![{picture}](pictures/latency.png)

## How
"""


ALT = "How many of all waits were over after how many milliseconds, ours and the floor"


class Measure(Protocol):
    """One thing to measure, in a folder of its own."""

    def __call__(self, folder: Path, *, quick: bool) -> Awaitable[Result]: ...


MEASURES: Mapping[str, Measure] = {
    "intake": intake.measure,
    "pictures": pictures.measure,
    "memory": memory.measure,
    "start": start.measure,
    "history": history.measure,
    "sketch": sketch.measure,
    "web": web.measure,
}


async def measured(names: list[str], console: Console, *, quick: bool) -> dict[str, Result]:
    """Take one measure after another, so that none disturbs the next."""
    found: dict[str, Result] = {}
    for name in names:
        with TemporaryDirectory() as folder, console.status(name):
            found[name] = await MEASURES[name](Path(folder), quick=quick)
    return found


def machine() -> str:
    """Name the machine, and say how busy others kept it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.+)$", lines, re.MULTILINE)
    name = model[1] if model else platform.machine()
    busy = f"load {getloadavg()[0]:.1f} before the run"
    return f"{cpu_count()} cores, {name}, Python {platform.python_version()}, {busy}"


def write(results: Mapping[str, Result], on: str) -> None:
    """Write the page and its picture."""
    rows = [row for result in results.values() for row in result.rows]
    day = datetime.now(UTC).date().isoformat()
    page = [HEAD.format(day=day, machine=on, table=written(rows), picture=ALT)]
    page += [f"**{name.capitalize()}.** {result.how}\n" for name, result in results.items()]
    PAGE.write_text("\n".join(page), encoding="utf-8")
    draw([result.curve for result in results.values() if result.curve], PLOT)


def main() -> None:
    """Read the command line, measure, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=MEASURES)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    console = Console()
    on = machine()
    names = [options.only] if options.only else list(MEASURES)
    results = asyncio.run(measured(names, console, quick=options.quick))
    console.print(shown([row for result in results.values() for row in result.rows]))
    if not (options.only or options.quick):
        write(results, on)


if __name__ == "__main__":
    main()
