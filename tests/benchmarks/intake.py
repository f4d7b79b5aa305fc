"""From an update that can be fetched to its durable acknowledgement, while pictures are drawn."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.processes import made, running
from tests.benchmarks.service import Service, offset_of
from tests.benchmarks.table import Curve, Goal, Result, Row, share
from tests.benchmarks.town import Running, served, settings_for, town
from tests.emulators.telegram import TEST_TOKEN

HOW = """\
100 updates a second from 50 people in the emulated Telegram (its own process). The clock of
each starts just before the emulator queues it and stops when the emulator hears the first
`getUpdates` whose offset confirms it: only what is committed may be confirmed, so both ends are
seen from outside. Ours is the whole studio answering every message (`/usage`), while its image
worker draws 1024 × 1024 sketches without a pause. The floor is python-telegram-bot's
`get_updates` and one transaction per batch in the standard library's SQLite (WAL,
`synchronous=FULL`), with a thread that draws the same sketches beside it."""
RATE = 100.0
SKETCHES_A_SECOND = 6
"""More than one thread can draw, so that it never runs dry."""


async def measure(folder: Path, *, quick: bool) -> Result:
    """Pour the same updates onto the floor and onto the studio."""
    seconds = 2.0 if quick else 20.0
    floor, ours = (
        await _floor(made(folder / "floor"), seconds),
        await _ours(made(folder / "ours"), seconds),
    )
    rows = [
        Row("intake to durable acknowledgement, p50", "ms", share(ours, 50), share(floor, 50)),
        Row(
            "intake to durable acknowledgement, p99",
            *("ms", share(ours, 99), share(floor, 99), Goal(150)),
        ),
        Row("intake to durable acknowledgement, slowest", "ms", max(ours), max(floor), Goal(1000)),
    ]
    return Result(HOW, tuple(rows), Curve("Intake to durable acknowledgement", ours, floor, 150))


async def _floor(folder: Path, seconds: float) -> list[float]:
    async with town(folder, "telegram") as services:
        telegram = services["telegram"]
        facts = {"telegram": {"url": telegram.url, "token": TEST_TOKEN}}
        async with running(folder, "tests.benchmarks.bare.intake", json.dumps(facts)):
            return await _poured(telegram, seconds, "/usage")


async def _ours(folder: Path, seconds: float) -> list[float]:
    async with (
        town(folder, "telegram") as services,
        served(folder, await settings_for(services)) as studio,
    ):
        await _keep_drawing(studio, int(seconds * SKETCHES_A_SECOND))
        return await _poured(services["telegram"], seconds, "/usage")


async def _keep_drawing(studio: Running, pictures: int) -> None:
    """Ask for sketches in the web chat, where no emulator has work with them."""
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": studio.url}
    async with httpx.AsyncClient(base_url=studio.url, headers=headers) as page:
        await page.get(studio.link)
        for number in range(pictures // 10 + 1):
            asked = {"id": f"drawing-{number:04}", "words": "a red fox in the snow -n 10"}
            (await page.post("/api/say", json=asked)).raise_for_status()


async def _poured(telegram: Service, seconds: float, words: str) -> list[float]:
    await telegram.until_called("/getUpdates")
    poured: Sequence[tuple[int, float]] = await telegram.tell("pour", seconds, RATE, words)
    last = poured[-1][0]
    polls = telegram.called("/getUpdates")
    while not polls or offset_of(polls[-1]) <= last:
        await telegram.until_called("/getUpdates", len(polls) + 1)
        polls = telegram.called("/getUpdates")
    return _waits(poured, polls)


def _waits(poured: Sequence[tuple[int, float]], polls: Sequence[dict[str, Any]]) -> list[float]:
    """Compute for each update the milliseconds until it was confirmed."""
    confirming = iter(polls)
    poll = next(confirming)
    waits: list[float] = []
    for number, moment in poured:
        while offset_of(poll) <= number:
            poll = next(confirming)
        waits.append((poll["at"] - moment) * 1000)
    return waits
