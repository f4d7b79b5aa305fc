"""The benchmarks run and judge rightly; no test looks at a clock."""

from pathlib import Path

from tests.benchmarks import history
from tests.benchmarks.table import Goal, Row, share, written


async def test_a_quick_measure_fills_its_rows(tmp_path: Path) -> None:
    result = await history.measure(tmp_path, quick=True)
    assert [row.name.rpartition(", ")[2] for row in result.rows] == ["p50", "p99"]
    assert all(row.ours > 0 and row.floor for row in result.rows)


def test_a_row_says_whether_its_goal_is_met() -> None:
    rows = [
        Row("alone", "ms", 150.0, 10.0, Goal(150)),
        Row("over the floor", "ms", 36.0, 10.0, Goal(25, over_floor=True)),
        Row("without either", "MiB", 3.25),
    ]
    assert written(rows).splitlines()[2:] == [
        "| alone | 150 ms | 10.0 ms | 15.0 | ≤ 150 ms | yes |",
        "| over the floor | 36.0 ms | 10.0 ms | 3.6 | ≤ 25 ms over the floor | no |",
        "| without either | 3.25 MiB | – | – | – |  |",
    ]


def test_a_percentile_is_a_value_that_was_seen() -> None:
    values = [float(number) for number in range(200, 0, -1)]
    assert (share(values, 50), share(values, 99), share(values, 100)) == (100, 198, 200)
    assert share([7.0], 1) == 7
