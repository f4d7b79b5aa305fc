"""A backup that is not what was written, or not for this version, is not gone back to."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import DATABASE, IMAGES, back_up
from storage.manifest import LIST, write_manifest
from storage.restore import refusals
from tests.faults.table import Cell, cells
from tests.storage.samples import NOW
from tests.storage.test_keeping import Home, files


@pytest.mark.parametrize("cell", cells("backup"), ids=lambda cell: cell.id)
async def test_a_backup_that_would_not_bring_back_what_was_is_refused(
    cell: Cell, tmp_path: Path
) -> None:
    home = Home(tmp_path / "data")
    await home.fill()
    if cell.fault.script == "newer_schema":
        with closing(sqlite3.connect(home.place.database)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    backup = back_up(home.place, tmp_path / "backups", NOW)
    whole = [] if cell.fault.script == "newer_schema" else refusals(backup)
    spoil(backup, cell.fault.script)
    (found,) = refusals(backup)
    assert whole == []
    assert found.remedy


def spoil(backup: Path, fault: str) -> None:
    """Let this have happened to a backup."""
    picture = files(backup / IMAGES)[0]
    match fault:
        case "flipped":
            # The picture is linked to the stored one: only the backup's own may change.
            data = bytearray(picture.read_bytes())
            data[len(data) // 2] ^= 1
            picture.unlink()
            picture.write_bytes(data)
        case "cut_short":
            data = (backup / DATABASE).read_bytes()
            (backup / DATABASE).write_bytes(data[: len(data) // 2])
        case "file_missing":
            picture.unlink()
        case "file_too_many":
            (backup / IMAGES / "more").touch()
        case "no_manifest":
            (backup / LIST).unlink()
        case "manifest_changed":
            told = (backup / LIST).read_text()
            (backup / LIST).write_text(told.replace('"schema"', '"scheme"'))
        case "manifest_lies":
            told = json.loads((backup / LIST).read_text())
            write_manifest(backup, {**told.pop("files"), DATABASE: "0" * 64}, told)
        case _:
            pass
