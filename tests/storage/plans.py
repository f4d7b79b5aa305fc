"""How SQLite means to answer a query."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ClauseElement, event

from core.ports import UnitOfWork
from storage.database import SqlDatabase


async def plan(database: SqlDatabase, query: ClauseElement) -> list[str]:
    """Ask the database which index it takes."""
    dialect = database.reader.dialect
    written = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    async with database.reader.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")
        return [row.detail for row in rows]


async def plan_of(database: SqlDatabase, doing: Callable[[UnitOfWork], Awaitable[object]]) -> str:
    """Ask the database by which index it did the last statement of something."""
    said: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: object, *___: object) -> None:
        said.append((statement, values))

    engine = database.writer.sync_engine
    async with database.transaction() as tx:
        event.listen(engine, "before_cursor_execute", note)
        await doing(tx)
        event.remove(engine, "before_cursor_execute", note)
    statement, values = said[-1]
    async with database.writer.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return rows.all()[0].detail
