"""The errors of database drivers in the studio's words."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import StorageError

BUSY, FULL, READONLY = "database_busy", "disk_full", "database_readonly"
KEYS = {
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_FULL": FULL,
    "SQLITE_READONLY": READONLY,
    "SQLITE_PERM": READONLY,
    "SQLITE_CANTOPEN": READONLY,
    # PostgreSQL: serialization failure, deadlock, lock not available, disk full, read-only.
    "40001": BUSY,
    "40P01": BUSY,
    "55P03": BUSY,
    "23505": BUSY,  # two writers took the same number
    "53100": FULL,
    "25006": READONLY,
}


@contextmanager
def told_as_storage_errors() -> Generator[None]:
    """Raise StorageError for what a driver raises."""
    try:
        yield
    except DBAPIError as error:
        raise StorageError(_key(error.orig), detail=str(error.orig)) from error
    except sqlite3.Error as error:
        raise StorageError(_key(error), detail=str(error)) from error
    except (PoolTimeout, TimeoutError) as error:
        raise StorageError(BUSY, detail=str(error)) from error


def _key(cause: object) -> str:
    """Find the key by the driver's own name for the error; SQLite adds details after it."""
    name = str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", ""))
    short = "_".join(name.split("_")[:2])
    return KEYS.get(short, "database_broken")
