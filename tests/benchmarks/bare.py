"""The floors that live in processes: the same libraries, doing the same with nothing around them.

`python -m tests.benchmarks.bare NAME JSON` runs one until it is told to end.
"""

import asyncio
import importlib
import json
import sqlite3
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

LONG_POLL = 50
WEB = (
    *("fastapi", "uvicorn", "sqlalchemy.ext.asyncio", "greenlet", "obstore", "PIL.Image", "numpy"),
    *("pydantic_settings", "structlog", "rich.console", "click", "aiosqlite", "httpx", "alembic"),
)
SURFACES = ("telegram", "discord", "httpx_sse", "tenacity", "replicate")
Facts = dict[str, Any]


async def _updates(telegram: Facts) -> AsyncGenerator[tuple[Any, Sequence[Any]]]:
    """Poll with python-telegram-bot as its examples do."""
    from telegram import Bot  # noqa: PLC0415  each floor loads only what it is a floor of

    url = telegram["url"]
    async with Bot(telegram["token"], base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as me:
        offset = 0
        while True:
            came = await me.get_updates(offset, timeout=LONG_POLL, read_timeout=LONG_POLL + 10)
            yield me, came
            offset = came[-1].update_id + 1 if came else offset


async def intake(facts: Facts) -> None:
    """Keep every update before the next poll confirms it, with a thread that draws beside it."""
    from tests.benchmarks.sketch import draw_for_ever  # noqa: PLC0415  loads Pillow

    database = sqlite3.connect(Path(facts["folder"]) / "bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, request TEXT UNIQUE, body TEXT)")
    with ThreadPoolExecutor(1) as beside:
        beside.submit(draw_for_ever)
        async for _, came in _updates(facts["telegram"]):
            rows = [(str(one.update_id), one.to_json()) for one in came]
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO inbox (request, body) VALUES (?, ?)", rows)
            database.execute("COMMIT")


async def pictures(facts: Facts) -> None:
    """Order what is asked, follow it, fetch it and post it."""
    import httpx  # noqa: PLC0415  each floor loads only what it is a floor of

    headers = {"Authorization": f"Key {facts['fal']['key']}"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:
        async for me, came in _updates(facts["telegram"]):
            for one in came:
                image = await _made(client, facts["fal"]["url"], one.message.text)
                chat = one.message.chat.id
                await me.send_photo(chat, image, caption=one.message.text, write_timeout=60)


async def _made(client: Any, url: str, words: str) -> bytes:
    from httpx_sse import aconnect_sse  # noqa: PLC0415  each floor loads only what it is a floor of

    prompt, _, seed = words.partition(" --seed ")
    size = {"width": 1024, "height": 1024}
    body = {"prompt": prompt, "seed": int(seed), "image_size": size, "output_format": "png"}
    order = (await client.post(f"{url}/fal-ai/flux/schnell", json=body)).json()
    stream = f"{order['status_url']}/stream"
    async with aconnect_sse(client, "GET", stream, params={"logs": "1"}) as source:
        async for event in source.aiter_sse():
            if event.json()["status"] == "COMPLETED":
                break
    result = (await client.get(order["response_url"])).json()
    return (await client.get(result["images"][0]["url"])).content


async def idle(facts: Facts) -> None:
    """Keep both chat libraries connected."""
    import discord  # noqa: PLC0415  each floor loads only what it is a floor of
    import yarl  # noqa: PLC0415
    from discord.gateway import DiscordWebSocket  # noqa: PLC0415
    from discord.http import Route  # noqa: PLC0415

    Route.BASE = facts["discord"]["api"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(facts["discord"]["gateway"])
    client = discord.Client(intents=discord.Intents.none())
    async with asyncio.TaskGroup() as group, client:
        group.create_task(client.start(facts["discord"]["token"]))
        async for _ in _updates(facts["telegram"]):
            pass


async def imports(facts: Facts) -> None:
    """Load libraries and end."""
    for name in (*WEB, *(SURFACES if facts["surfaces"] else ())):
        importlib.import_module(name)


FLOORS: dict[str, Callable[[Facts], Awaitable[None]]] = {
    "intake": intake,
    "pictures": pictures,
    "idle": idle,
    "imports": imports,
}


async def main(name: str, facts: str) -> None:
    """Run one floor."""
    await FLOORS[name](json.loads(facts))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
