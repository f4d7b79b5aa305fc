"""Addresses of databases and image stores, as people write them."""

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
            address.get_dialect().import_dbapi()
            return address
    except (ArgumentError, NoSuchModuleError):
        pass
    except ImportError as error:
        raise BadAddress(
            f"the driver {error.name} is missing; install it: pip install 'nano-banana[postgres]'."
        ) from None
    raise BadAddress("is no address I know; write sqlite:///file or postgresql://user@host/name.")
