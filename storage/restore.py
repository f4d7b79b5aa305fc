"""The way back from a backup; what is there now is moved aside, never deleted."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from storage.backup import DATABASE, IMAGES, Place
from storage.chain import newer_entries
from storage.finding import Finding
from storage.manifest import backup_findings, kept_seal
from storage.migrate import revisions

BESIDE = ("", "-wal", "-shm")
"""A SQLite file and what belongs to it."""


NEWER = "Install the version that made it, or a newer one."


def refusals(backup: Path) -> list[Finding]:
    """Say why not to go back to a backup: it is damaged, or this version cannot read it."""
    wrong = backup_findings(backup)
    if wrong:
        return wrong
    file = backup / DATABASE
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if found in revisions():
        return []
    return [Finding(str(file), f"has the foreign schema {found}", NEWER)]


def restore(backup: Path, place: Place, now: datetime) -> list[Path]:
    """Put a verified backup in the place of the data; return where those were moved to.

    Everything is copied before anything moves, so that a full disk leaves all as it was.
    """
    mark = f".replaced-{now:%Y%m%dT%H%M%S.%fZ}"
    staged = [(place.database.with_name(f"{place.database.name}.restoring"), place.database)]
    place.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _copy(backup / DATABASE, staged[0][0])
    if place.images is not None and (backup / IMAGES).is_dir():
        staged.append((place.images.with_name(f"{place.images.name}.restoring"), place.images))
        _copy(backup / IMAGES, staged[1][0])
    os.sync()
    aside = list(_move_aside(place, mark))
    for ready, home in staged:
        ready.rename(home)
    os.sync()
    return aside


def lost_entries(backup: Path, place: Place) -> int:
    """Count the ledger's entries since a backup; 0 when what is there cannot be read."""
    with suppress(sqlite3.Error):
        here = f"{place.database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(here, uri=True)) as connection:
            return newer_entries(connection, kept_seal(backup))
    return 0


def _copy(source: Path, target: Path) -> None:
    """Copy, in place of what an attempt that was cut off has left; for this account alone."""
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
        target.chmod(0o600)


def _move_aside(place: Place, mark: str) -> Iterator[Path]:
    """Rename, keeping a database and its log together so that it can still be opened."""
    homes = [(Path(f"{place.database}{end}"), f"{mark}{end}") for end in BESIDE]
    names = [(home, f"{place.database.name}{end}") for home, end in homes]
    if place.images is not None:
        names.append((place.images, f"{place.images.name}{mark}"))
    for home, name in names:
        if home.exists():
            yield home.rename(home.with_name(name))
