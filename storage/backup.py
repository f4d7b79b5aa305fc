"""Whole copies of a SQLite database and its pictures, made while the studio works."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.chain import newest_seal
from storage.images import HASH
from storage.manifest import LIST, sha256_of, write_manifest

DATABASE, IMAGES = "studio.db", "images"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a studio keeps its data on this machine."""

    database: Path
    images: Path | None
    """None when they lie in a bucket."""


def back_up(place: Place, to: Path, now: datetime) -> Path:
    """Make a backup in a new folder, whole or not at all; return the folder.

    The database first: the pictures that its rows name are all there by then.
    """
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = to / f"backup-{now:%Y%m%dT%H%M%S.%fZ}"
    draft = made.with_suffix(".draft")
    draft.mkdir(mode=0o700)
    try:
        _fill(draft, place, now)
        draft.rename(made)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)  # or each failure would take room for good
        raise
    return made


def _fill(draft: Path, place: Place, now: datetime) -> None:
    copy_database(place.database, draft / DATABASE)
    files = {DATABASE: sha256_of(draft / DATABASE)}
    if place.images is not None:
        files |= _keep_images(place.images, draft / IMAGES)
    write_manifest(draft, files, {"made_at": now.isoformat(), **_facts(draft / DATABASE)})
    os.sync()


def copy_database(file: Path, copy: Path) -> None:
    """Copy a SQLite file as it stands between two transactions.

    VACUUM INTO reads one snapshot; SQLite's own backup begins again at every write meanwhile.
    """
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)


def _facts(database: Path) -> dict[str, str]:
    """Read what a manifest says of a database: its schema, and where its ledger ended."""
    with closing(sqlite3.connect(database)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return {"schema": revision, "seal": newest_seal(connection)}


def _keep_images(images: Path, copies: Path) -> dict[str, str]:
    """Link or copy every picture; its name is the hash that it must have."""
    files: dict[str, str] = {}
    copies.mkdir(mode=0o700)
    for image in images.glob("??/*"):
        if HASH.fullmatch(image.name):
            copy = copies / image.parent.name / image.name
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            if _link_or_copy(image, copy):
                files[f"{IMAGES}/{image.parent.name}/{image.name}"] = image.name
    return files


def _link_or_copy(image: Path, copy: Path) -> bool:
    """Keep a picture without a second copy where the disk can; False when it was just deleted."""
    try:
        os.link(image, copy)
    except FileNotFoundError:
        return False
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(image, copy)
        copy.chmod(0o600)
    return True


def backups(folder: Path) -> list[Path]:
    """List the backups of a folder, oldest first."""
    return sorted(made.parent for made in folder.glob(f"backup-*Z/{LIST}"))


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups; return those that are gone."""
    old = backups(folder)[:-keep]
    for backup in old:
        shutil.rmtree(backup)
    return old
