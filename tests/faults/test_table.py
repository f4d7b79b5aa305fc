"""The table itself: large enough, and nothing in it that no cell uses."""

import tomllib

from tests.faults.table import TABLE, cells


def test_the_table_has_enough_cells_each_with_a_name_of_its_own() -> None:
    names = [cell.id for cell in cells()]
    assert len(names) == len(set(names)) >= 150


def test_whatever_the_table_declares_is_used_and_told() -> None:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    every = cells()
    assert {cell.dependency for cell in every} == set(table["dependency"])
    assert {cell.phase for cell in every} == set(table["phase"])
    assert {cell.fault_name for cell in every} == set(table["fault"])
    assert {cell.promise_name for cell in every} == set(table["promise"])
