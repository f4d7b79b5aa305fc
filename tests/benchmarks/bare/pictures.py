"""Orders what is asked, follows it, fetches it and posts it; keeps nothing."""

import asyncio
import json
import sys
from typing import Any

import httpx
from httpx_sse import aconnect_sse
from telegram import Bot, Update

from tests.benchmarks.bare.polling import updates

SIZE = {"width": 1024, "height": 1024}


async def main(facts: dict[str, Any]) -> None:
    """Serve one person after another."""
    headers = {"Authorization": f"Key {facts['fal']['key']}"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:
        async for me, came in updates(facts["telegram"]):
            for one in came:
                await answer(me, client, facts["fal"]["url"], one)


async def answer(me: Bot, client: httpx.AsyncClient, url: str, update: Update) -> None:
    """Post the picture that was asked for."""
    if update.message and update.message.text:
        words = update.message.text
        image = await made(client, url, words)
        await me.send_photo(update.message.chat.id, image, caption=words, write_timeout=60)


async def made(client: httpx.AsyncClient, url: str, words: str) -> bytes:
    """Order a picture and wait for it."""
    prompt, _, seed = words.partition(" --seed ")
    body = {"prompt": prompt, "seed": int(seed), "image_size": SIZE, "output_format": "jpeg"}
    order = (await client.post(f"{url}/fal-ai/flux/schnell", json=body)).json()
    stream = f"{order['status_url']}/stream"
    async with aconnect_sse(client, "GET", stream, params={"logs": "1"}) as source:
        async for event in source.aiter_sse():
            if event.json()["status"] == "COMPLETED":
                break
    result = (await client.get(order["response_url"])).json()
    return (await client.get(result["images"][0]["url"])).content


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
