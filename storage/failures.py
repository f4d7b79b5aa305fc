"""The errors of database drivers in the studio's words."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import StorageError, StoreFailing

BUSY, FULL, READONLY = "database_busy", "disk_full", "database_readonly"
FAILING, BROKEN, UNREACHABLE = "disk_failing", "database_broken", "database_unreachable"
KEYS = {
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_FULL": FULL,
    "SQLITE_READONLY": READONLY,
    "SQLITE_PERM": READONLY,
    "SQLITE_CANTOPEN": READONLY,
    "SQLITE_IOERR": FAILING,
    "SQLITE_CORRUPT": BROKEN,
    "SQLITE_NOTADB": BROKEN,
    # PostgreSQL: deadlock, lock not available, froze in its turn, disk full, read-only.
    "40P01": BUSY,
    "55P03": BUSY,
    "25P03": BUSY,
    "53100": FULL,
    "25006": READONLY,
    # ... too many clients, I/O error, shut down by its operator, crashed, still starting.
    "53300": BUSY,
    "58030": FAILING,
    "57P01": UNREACHABLE,
    "57P02": UNREACHABLE,
    "57P03": UNREACHABLE,
}


@contextmanager
def told_as_storage_errors() -> Generator[None]:
    """Raise StorageError for what a driver raises."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreFailing(UNREACHABLE, detail=str(error.orig)) from error
        raise _told(error.orig) from error
    except sqlite3.Error as error:
        raise _told(error) from error
    except (PoolTimeout, TimeoutError) as error:
        raise StoreFailing(BUSY, detail=str(error)) from error
    except ConnectionError as error:
        raise StoreFailing(UNREACHABLE, detail=str(error)) from error


def _told(cause: object) -> StorageError:
    """Tell an error by the driver's own name for it; SQLite adds details after that."""
    name = str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", ""))
    short = "_".join(name.split("_")[:2])
    if short in KEYS:
        return StoreFailing(KEYS[short], detail=str(cause))
    return StorageError(BROKEN, detail=str(cause))
