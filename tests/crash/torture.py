"""Thousands of kills, and every named place at its first three visits; prints what came of it.

`python -m tests.crash.torture --kills 1000 --seed 7 --minutes 60` ends with 1 when anything owed
was lost, told twice where that can be helped, or paid twice; the directories are then kept.
"""

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.crash.killing import Outcome, kill_at_points, kill_at_random, side_by_side
from tests.crash.points import POINTS

Lane = Coroutine[object, object, Outcome]

LANES = 3
A_ROUND = 100
"""Kills of one directory; then its services, which keep all they were sent, start anew."""
POINTS_A_ROUND = 10
VISITS = 3


async def torture(folder: Path, kills: int, seed: int, seconds: float) -> list[Outcome]:
    """Kill at random, then at every place, until time is up."""
    until = time.monotonic() + seconds
    outcomes: list[Outcome] = []
    killed = 0
    while killed < kills and time.monotonic() < until:
        left = min(A_ROUND, -(-(kills - killed) // LANES))
        outcomes += await side_by_side(*_random_lanes(folder, seed + killed, left, until))
        killed = sum(one.killed for one in outcomes)
    for start in range(0, len(POINTS), LANES * POINTS_A_ROUND):
        if time.monotonic() < until:
            outcomes += await side_by_side(*_point_lanes(folder, seed, start, until))
    return outcomes


def _random_lanes(folder: Path, seed: int, kills: int, until: float) -> Iterator[Lane]:
    for lane in range(LANES):
        left = until - time.monotonic()
        yield kill_at_random(folder / f"random-{seed}-{lane}", seed + lane, kills, left)


def _point_lanes(folder: Path, seed: int, start: int, until: float) -> Iterator[Lane]:
    points = POINTS[start : start + LANES * POINTS_A_ROUND]
    for lane in range(LANES):
        place = folder / f"points-{start}-{lane}"
        yield kill_at_points(
            place, seed + lane, points[lane::LANES], VISITS, until - time.monotonic()
        )


def show(outcomes: list[Outcome], console: Console) -> bool:
    """Print the table and everything that is wrong; True when nothing is."""
    counts: Counter[str] = Counter(kills=sum(one.killed for one in outcomes))
    for one in outcomes:
        counts += one.verdict.counts
    table = Table("counted", "in all")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    console.print(table)
    for one in outcomes:
        for line in (*one.wrong, *(f"not reached: {point}" for point in one.unreached)):
            console.print(line, markup=False)
    return not any(one.wrong for one in outcomes)


def main() -> None:
    """Read the command line and torture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    console = Console()
    console.print(f"seed {options.seed}, {folder}", markup=False)
    work = torture(folder, options.kills, options.seed, options.minutes * 60)
    sys.exit(not show(asyncio.run(work), console))


if __name__ == "__main__":
    main()
