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
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.crash.killing import Outcome, Plan, kill, side_by_side
from tests.crash.points import POINTS

LANES = 3
A_ROUND = 100
"""Kills of one directory; then its services, which keep all they were sent, start anew."""
POINTS_A_ROUND = 10
VISITS = 3


async def torture(folder: Path, kills: int, seed: int, seconds: float) -> list[Outcome]:
    """Kill at random, then at every place, until time is up."""
    until = time.monotonic() + seconds
    outcomes: list[Outcome] = []
    for name, plans in _rounds(kills, seed):
        if time.monotonic() < until:
            lanes = enumerate(plans)
            outcomes += await side_by_side(
                *(kill(folder / f"{name}-{lane}", plan, until) for lane, plan in lanes)
            )
    return outcomes


def _rounds(kills: int, seed: int) -> Iterator[tuple[str, list[Plan]]]:
    for start in range(0, kills, LANES * A_ROUND):
        left = min(A_ROUND, -(-(kills - start) // LANES))
        yield f"random-{start}", [Plan(seed + start + lane, left) for lane in range(LANES)]
    for start in range(0, len(POINTS), LANES * POINTS_A_ROUND):
        points = POINTS[start : start + LANES * POINTS_A_ROUND]
        lanes = [Plan(seed + lane, 0, points[lane::LANES], VISITS) for lane in range(LANES)]
        yield f"points-{start}", lanes


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
