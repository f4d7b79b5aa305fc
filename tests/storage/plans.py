"""How SQLite means to answer a query."""

from sqlalchemy import ClauseElement

from storage.database import SqlDatabase


async def plan(database: SqlDatabase, query: ClauseElement) -> list[str]:
    """Ask the database which index it takes."""
    dialect = database.reader.dialect
    written = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    async with database.reader.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")
        return [row.detail for row in rows]
