"""Addresses of databases and image stores, as people write them."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class BadAddress(Exception):
    """An address that leads nowhere; its words say what to do."""


def database_address(url: str) -> URL:
    """Read `sqlite:///file` or `postgresql://…`; raise BadAddress for anything else."""
    try:
        address = make_url(url)
        address = address.set(drivername=DRIVERS.get(address.drivername, address.drivername))
        if address.drivername in DRIVERS.values():
            return _checked(address)
    except (ArgumentError, NoSuchModuleError):
        pass
    raise BadAddress("is no address I know; write sqlite:///file or postgresql://user@host/name.")


def _checked(address: URL) -> URL:
    try:
        address.get_dialect().import_dbapi()
    except ImportError as error:
        remedy = "install it: pip install 'nano-banana[postgres]'."
        raise BadAddress(f"needs the driver {error.name}; {remedy}") from None
    sqlite = address.get_backend_name() == "sqlite"
    if sqlite and not (address.database and Path(address.database).parent.is_dir()):
        raise BadAddress("names no file that could be there. Does its folder exist?")
    return address
