"""Whatever moment the program is killed at, what it owes is delivered once and paid once."""

import secrets
import sys
import time
from pathlib import Path

import pytest

from tests.crash.killing import Plan, kill, side_by_side
from tests.crash.points import POINTS

LANES = 3
KILLS = 102
"""At random moments, before one at every named place."""
SECONDS = 480.0
"""After which a machine is too slow for this, rather than the suite without an end."""


@pytest.mark.skipif(
    sys.platform != "linux", reason="each life speaks from an address that only Linux has ready"
)
async def test_killed_at_any_moment_and_every_named_place_it_delivers_and_pays_once(
    tmp_path: Path,
) -> None:
    seed, until = secrets.randbits(32), time.monotonic() + SECONDS
    print(f"seed {seed}")  # noqa: T201 - shown when it fails
    plans = [Plan(seed + lane, KILLS // LANES, POINTS[lane::LANES]) for lane in range(LANES)]
    outcomes = await side_by_side(
        *(kill(tmp_path / str(lane), plan, until) for lane, plan in enumerate(plans))
    )
    assert [one.wrong for one in outcomes] == [[]] * LANES
    assert [one.unreached for one in outcomes] == [[]] * LANES
    assert sum(one.killed for one in outcomes) >= KILLS + len(POINTS)
