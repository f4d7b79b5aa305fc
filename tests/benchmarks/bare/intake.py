"""Keeps every update before the next poll confirms it, with a thread that draws beside it."""

import asyncio
import json
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.benchmarks.bare.polling import updates
from tests.benchmarks.sketch import draw_for_ever


def opened() -> sqlite3.Connection:
    """Open a database as durable as the studio's."""
    database = sqlite3.connect("bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, request TEXT UNIQUE, body TEXT)")
    return database


async def main(facts: dict[str, Any]) -> None:
    """Poll and keep."""
    database = opened()
    with ThreadPoolExecutor(1) as beside:
        beside.submit(draw_for_ever)
        async for _, came in updates(facts["telegram"]):
            rows = [(str(one.update_id), one.to_json()) for one in came]
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO inbox (request, body) VALUES (?, ?)", rows)
            database.execute("COMMIT")


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
