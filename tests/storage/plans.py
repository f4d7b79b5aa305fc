"""How SQLite means to answer a query."""

from typing import Any

from sqlalchemy import Select

from storage.database import SqlDatabase


async def plan(database: SqlDatabase, query: Select[Any]) -> list[str]:
    """Ask the database which index it takes."""
    compiled = query.compile(database.reader.sync_engine, compile_kwargs={"render_postcompile": 1})
    async with database.reader.connect() as connection:
        rows = await connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}",
            tuple(compiled.params[name] for name in compiled.positiontup or ()),
        )
        return [row.detail for row in rows]
