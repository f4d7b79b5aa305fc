"""Whatever moment the program is killed at, what it owes is delivered once and paid once."""

import secrets
import sys
from math import inf
from pathlib import Path

import pytest

from tests.crash.killing import kill_at_points, kill_at_random, side_by_side
from tests.crash.points import POINTS

LANES = 3
KILLS = 102

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="each life speaks from an address that only Linux has ready"
)


async def test_killed_at_any_moment_it_delivers_and_pays_once(tmp_path: Path) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails
    outcomes = await side_by_side(
        *(
            kill_at_random(tmp_path / str(lane), seed + lane, KILLS // LANES, inf)
            for lane in range(LANES)
        )
    )
    assert [one.wrong for one in outcomes] == [[]] * LANES
    assert sum(one.killed for one in outcomes) >= KILLS


async def test_killed_at_every_named_place_it_delivers_and_pays_once(tmp_path: Path) -> None:
    outcomes = await side_by_side(
        *(kill_at_points(tmp_path / str(n), n, POINTS[n::LANES], 1, inf) for n in range(LANES))
    )
    assert [one.wrong for one in outcomes] == [[]] * LANES
    assert [one.unreached for one in outcomes] == [[]] * LANES
