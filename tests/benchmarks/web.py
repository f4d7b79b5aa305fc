"""From the words in the web chat to the last of four pictures on the page."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from httpx_sse import ServerSentEvent

from core.images.finishing import Chain
from core.images.worker import ImageWorker
from tests.benchmarks.sketch import PROMPTS, finished, order_of
from tests.benchmarks.table import Goal, Result, Row, share
from tests.bot.web_chat.home import web_chat_at
from tests.bot.web_chat.stream import events, lines_until_pictures

HOW = """\
From `POST /api/say` with `-n 4` until the stream of events brings the line with the four
sketches of 1024 × 1024 pixels, by a real server on loopback in the same process. The floor
draws and finishes the same four sketches with no chat around them. The goal is that of four
single sketches."""
COUNT = 4


async def measure(folder: Path, *, quick: bool) -> Result:
    """Ask for the same pictures both ways, in turn."""
    ours, floor = list[float](), list[float]()
    async with web_chat_at(folder) as house, ImageWorker() as worker:
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": house.url}
        async with httpx.AsyncClient(base_url=house.url, headers=headers, timeout=30) as page:
            await page.get(house.link)
            async with events(page) as stream:
                for seed in range(2 if quick else 15):
                    floor.append(await _drawn(worker, seed))
                    ours.append(await _shown(page, stream, seed))
    rows = [
        Row("web chat, four pictures, p50", "ms", share(ours, 50), share(floor, 50), Goal(1200)),
        Row("web chat, four pictures, slowest", "ms", max(ours), max(floor)),
    ]
    return Result(HOW, tuple(rows))


async def _drawn(worker: ImageWorker, seed: int) -> float:
    began = time.perf_counter()
    await finished(Chain(worker), order_of(seed, COUNT))
    return (time.perf_counter() - began) * 1000


async def _shown(
    page: httpx.AsyncClient, stream: AsyncIterator[ServerSentEvent], seed: int
) -> float:
    words = f"{PROMPTS[seed % len(PROMPTS)]} -n {COUNT} --seed {seed}"
    began = time.perf_counter()
    await page.post("/api/say", json={"id": f"asked-{seed:04}", "words": words})
    await lines_until_pictures(stream)
    return (time.perf_counter() - began) * 1000
