"""The parts that a test of the web chat starts from."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.bot.web_chat.home import House, web_chat_at

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


expect.set_options(timeout=30_000)  # milliseconds: it guards against hanging, no more


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with web_chat_at(tmp_path) as open_house:
        yield open_house


@pytest_asyncio.fixture
async def visitor(house: House) -> AsyncGenerator[httpx.AsyncClient]:
    """Send what the page would send, not signed in."""
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": house.url}
    async with httpx.AsyncClient(base_url=house.url, headers=headers) as client:
        yield client


@pytest_asyncio.fixture
async def owner(visitor: httpx.AsyncClient, house: House) -> httpx.AsyncClient:
    """Send what the page sends, signed in."""
    await visitor.get(house.link)
    return visitor


@pytest.fixture
def chromium_path() -> Path:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    return CHROMIUM


@pytest_asyncio.fixture
async def browser(chromium_path: Path) -> AsyncGenerator[Browser]:
    async with async_playwright() as play:
        chromium = await play.chromium.launch(executable_path=chromium_path, args=QUIET)
        yield chromium
        await chromium.close()
