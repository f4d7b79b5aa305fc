"""Keeps both chat libraries connected."""

import asyncio
import json
import sys
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.benchmarks.bare.polling import updates


async def main(facts: dict[str, Any]) -> None:
    """Connect and wait."""
    Route.BASE = facts["discord"]["api"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(facts["discord"]["gateway"])
    client = discord.Client(intents=discord.Intents.none())
    async with asyncio.TaskGroup() as group, client:
        group.create_task(client.start(facts["discord"]["token"]))
        async for _ in updates(facts["telegram"]):
            pass


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
