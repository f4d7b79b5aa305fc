"""Takes the pictures of the documents from the real web chat: `make pictures`."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright

from tests.bot.web_chat.home import web_chat_at

PICTURES = Path("docs/pictures")
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
DRAWN = "Promise.all([...document.querySelectorAll('.grid img')].map(one => one.decode()))"


async def take() -> None:
    """Say one thing in a fresh web chat and picture the thread."""
    with TemporaryDirectory() as folder:
        async with web_chat_at(Path(folder)) as house, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await browser.new_page(
                viewport={"width": 900, "height": 960}, color_scheme="light", locale="en"
            )
            await page.goto(house.link)
            await _say(page, "a red fox in the snow --ar 3:2 --seed 7 -n 4", pictures=4)
            await page.locator("#words").blur()
            await page.screenshot(path=PICTURES / "web-chat.png")
            await browser.close()


async def _say(page: Page, words: str, pictures: int) -> None:
    await page.fill("#words", words)
    await page.keyboard.press("Enter")
    await page.locator(".grid img").nth(pictures - 1).wait_for()
    await page.evaluate(DRAWN)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    asyncio.run(take())
