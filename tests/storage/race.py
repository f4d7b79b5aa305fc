"""Reservations in a race for the rest of a budget, a thousand at once, round after round.

`python -m tests.storage.race` runs a hundred rounds and ends with 1 when a cap was passed, or when
somebody was refused whose wish would still have fitted.
"""

import argparse
import asyncio
import random
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from core.budget import Cap, Period, scopes
from core.errors import StoreFailing
from core.job import Job
from storage.chain import first_break
from storage.database import SqlDatabase
from tests.storage.samples import ANNA, NOW, job

AT_ONCE = 1000
ROOM = 400_000
"""The most that is left when a round begins, in micro-dollars."""
DEAREST = 80_000
WIDE = 10**12


async def a_round(database: SqlDatabase, number: int, chance: random.Random) -> str:
    """Let a thousand tasks race under one cap or another; say what is wrong, or nothing."""
    address = replace(job().address, server="9")
    wishes = [
        job(f"job{number}.{one}", address=address, hold=chance.randint(1, DEAREST))
        for one in range(AT_ONCE)
    ]
    scope, period = chance.choice(scopes(ANNA, address)), chance.choice([*Period])
    async with database.reading() as tx:
        (before,) = await tx.ledger.sums([(scope, period)], NOW)
    limit = before + chance.randrange(ROOM)
    caps = [Cap(scope, period, limit)] + [
        Cap(one, Period.TOTAL, WIDE) for one in scopes(ANNA, address)
    ]
    chance.shuffle(caps)
    held, refused = await _race(database, wishes, caps)
    async with database.reading() as tx:
        (after,) = await tx.ledger.sums([(scope, period)], NOW)
    if after != before + sum(held):
        return f"round {number}: {after - before} is held, and {sum(held)} was told"
    if after > limit:
        return f"round {number}: {after - limit} over {limit}, {scope.name} by {period}"
    if limit - after >= min(refused):
        return f"round {number}: {limit - after} is left, and {min(refused)} was refused"
    return ""


async def _race(
    database: SqlDatabase, wishes: list[Job], caps: list[Cap]
) -> tuple[list[int], list[int]]:
    """Reserve each in a transaction and a task of its own; return what was held and refused.

    On a slow machine some wait too long for their turn: they are turned away, and hold nothing.
    """
    held: list[int] = []
    refused: list[int] = []

    async def reserve(wish: Job) -> None:
        with suppress(StoreFailing):
            async with database.transaction() as tx:
                taken = await tx.ledger.hold(wish, caps, NOW)
            (held if taken else refused).append(wish.hold)

    async with asyncio.TaskGroup() as tasks:
        for wish in wishes:
            tasks.create_task(reserve(wish))
    return held, refused


async def race(database: SqlDatabase, rounds: int, seed: int) -> list[str]:
    """Run rounds on one ledger, which must be whole in the end; list what is wrong."""
    chance = random.Random(seed)  # noqa: S311  amounts, not keys
    wrong = [await a_round(database, number, chance) for number in range(rounds)]
    async with database.writer.connect() as connection:
        broken = await first_break(connection)
    if broken is not None:
        wrong.append(f"entry {broken} is not what was written")
    return [line for line in wrong if line]


async def _main(rounds: int, seed: int) -> int:
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        async with SqlDatabase.open(f"sqlite:///{Path(folder)}/studio.db") as database:
            wrong = await race(database, rounds, seed)
    console = Console()
    for line in wrong:
        console.print(line, markup=False)
    taken = time.monotonic() - begun
    said = f"{rounds} rounds of {AT_ONCE} at once, seed {seed}: {len(wrong)} wrong, {taken:.0f} s"
    console.print(said)
    return int(bool(wrong))


def main() -> None:
    """Read the command line and race."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.exit(asyncio.run(_main(options.rounds, options.seed)))


if __name__ == "__main__":
    main()
