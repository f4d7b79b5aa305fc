"""The one kind of statement that SQLAlchemy spells differently for each database."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = sqlite.Insert | postgresql.Insert


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """Begin an insert that may say what to do `on_conflict`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def insert_or_skip(connection: AsyncConnection, table: Table) -> Insert:
    """Begin an insert that leaves a row of the same key as it is."""
    return insert(connection, table).on_conflict_do_nothing()
