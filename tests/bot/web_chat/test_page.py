from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.bot.web_chat.home import House, web_chat_at

FOX = "a red fox in the snow --ar 3:2 --seed 7 -n 4"
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
HARMLESS = ("401 (Unauthorized)", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")
"""What a browser notes when one is signed out or the studio restarts."""


@dataclass
class Visit:
    """A page, and what the browser noticed meanwhile."""

    page: Page
    hosts: set[str]
    complaints: list[str]


@asynccontextmanager
async def visiting(
    browser: Browser, url: str, viewport: ViewportSize = DESKTOP, **wishes: Any
) -> AsyncGenerator[Visit]:
    """Open the page in a window of its own; nothing may be fetched elsewhere or go wrong."""
    window = await browser.new_context(viewport=viewport, **wishes)
    visit = Visit(await window.new_page(), set(), [])
    window.on("request", lambda request: visit.hosts.add(urlsplit(request.url).netloc))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on(
        "console",
        lambda said: visit.complaints.append(said.text) if said.type == "error" else None,
    )
    visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
    await visit.page.goto(url)
    yield visit
    await window.close()
    assert visit.hosts == {urlsplit(url).netloc}
    assert [one for one in visit.complaints if not one.endswith(HARMLESS)] == []


async def say(page: Page, words: str) -> None:
    await page.get_by_label("Message", exact=True).last.fill(words)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")


def pictures(page: Page) -> Locator:
    return page.locator("#thread figure img")


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


async def test_words_become_four_pictures_that_a_reload_and_a_restart_keep(
    browser: Browser, tmp_path: Path
) -> None:
    async with web_chat_at(tmp_path) as house, visiting(browser, house.link) as visit:
        await say(visit.page, FOX)
        await expect(visit.page.locator("#statuses")).to_contain_text("of 4")
        await expect(pictures(visit.page)).to_have_count(4)
        await visit.page.reload()
        await expect(pictures(visit.page)).to_have_count(4)
        alts = [await one.get_attribute("alt") for one in await pictures(visit.page).all()]
        facts = await visit.page.locator("#thread figcaption").all_inner_texts()
        state = await visit.page.context.storage_state()
    assert alts == [f"Picture {n} of 4: a red fox in the snow" for n in (1, 2, 3, 4)]
    assert facts == [f"1248×832 · seed {seed}" for seed in (7, 8, 9, 10)]
    port = int(urlsplit(house.url).port or 0)
    async with (
        web_chat_at(tmp_path, port=port),
        visiting(browser, house.url, storage_state=state) as visit,
    ):
        await expect(pictures(visit.page)).to_have_count(4)


async def test_an_open_page_comes_back_by_itself_after_a_restart(
    browser: Browser, tmp_path: Path
) -> None:
    window = await browser.new_context()
    page = await window.new_page()
    async with web_chat_at(tmp_path) as house:
        await page.goto(house.link)
        await say(page, "a boat")
        await expect(pictures(page)).to_have_count(1)
    await expect(page.locator("#connection")).to_contain_text("Connection lost")
    async with web_chat_at(tmp_path, port=urlsplit(house.url).port or 0):
        await expect(page.locator("#connection")).to_have_text("Connected again.")
        await say(page, "a blue boat")
        await expect(pictures(page)).to_have_count(2)
    await window.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_nothing_stands_in_anyones_way(
    browser: Browser, house: House, scheme: str, viewport: ViewportSize
) -> None:
    async with visiting(browser, house.url, color_scheme=scheme, viewport=viewport) as visit:
        page = visit.page
        found = {"sign-in": await violations(page)}
        other = await page.context.new_page()
        await other.goto(f"{house.url}/shared/nothing")
        await expect(other.get_by_role("heading")).to_have_text("No picture here")
        found["shared"] = await violations(other)
        await page.goto(house.link)
        await expect(page.locator("#welcome h2")).to_be_visible()
        found["empty"] = await violations(page)
        await say(page, "a boat -n 2")
        await expect(pictures(page)).to_have_count(2)
        await say(page, "/show")
        await expect(page.locator("#answering")).to_be_visible()
        found["thread"] = await violations(page)
        await page.keyboard.type("/")
        await expect(page.get_by_role("option").first).to_be_visible()
        found["suggestions"] = await violations(page)
        await page.keyboard.press("Escape")
        await pictures(page).first.click()
        await expect(page.locator("#viewer img")).to_be_visible()
        found["viewer"] = await violations(page)
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not any(found.values()), found
    assert not wide


async def test_everything_can_be_done_from_the_keyboard(browser: Browser, house: House) -> None:
    async with visiting(browser, house.link) as visit:
        page, keys = visit.page, visit.page.keyboard
        await keys.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await keys.press("Enter")
        await expect(page.locator("#words")).to_be_focused()
        await keys.type("/im")
        await expect(page.get_by_role("option", selected=True)).to_contain_text("/imagine")
        await keys.press("Enter")
        await keys.type("a red fox --s")
        await expect(page.get_by_role("option").first).to_be_visible()
        await keys.press("Escape")
        await keys.type("eed 7 -n 2")
        await keys.press("Escape")
        await keys.press("Enter")
        await expect(pictures(page)).to_have_count(2)
        await keys.press("ArrowUp")
        await expect(page.locator("#words")).to_have_value("a red fox --seed 7 -n 2")
        await page.locator("#thread .picture").first.focus()
        await keys.press("Enter")
        place = page.locator("#viewer .place")
        for key, where in (("ArrowRight", 2), ("ArrowRight", 1), ("ArrowLeft", 2)):
            await keys.press(key)
            await expect(place).to_have_text(f"Picture {where} of 2")
        await keys.press("Escape")
        await expect(page.locator("#viewer")).to_be_hidden()
        await expect(page.locator("#thread .picture").first).to_be_focused()
        await page.get_by_role("button", name="Again").focus()
        await keys.press("Enter")
        await expect(pictures(page)).to_have_count(4)


async def test_a_german_browser_is_spoken_to_in_german(browser: Browser, house: House) -> None:
    async with visiting(browser, house.link, locale="de-AT") as visit:
        await expect(visit.page.locator("html")).to_have_attribute("lang", "de")
        await expect(visit.page.locator("#welcome h2")).to_have_text("Was soll ich zeichnen?")
        await visit.page.locator("#words").fill("ein Boot")
        await visit.page.keyboard.press("Enter")
        await expect(visit.page.locator(".person")).to_have_text("Du: ein Boot")
        await expect(visit.page.get_by_role("button", name="Löschen")).to_be_visible()


async def test_a_download_has_the_pictures_own_bytes(browser: Browser, house: House) -> None:
    async with visiting(browser, house.link) as visit:
        await say(visit.page, "a boat")
        await visit.page.get_by_role("button", name="As file").click()
        link = visit.page.locator(".files a")
        async with visit.page.expect_download() as coming:
            await link.click()
        saved = await (await coming.value).path()
        shown = await house.studio.images.get(
            urlsplit(await link.get_attribute("href") or "").path[8:]
        )
        assert saved.read_bytes() == shown


async def test_two_open_pages_show_the_same(browser: Browser, house: House) -> None:
    async with visiting(browser, house.link) as one, visiting(browser, house.link) as other:
        await say(one.page, "a boat")
        for page in (one.page, other.page):
            await expect(pictures(page)).to_have_count(1)
            await expect(page.locator(".person")).to_have_text("You: a boat")
        await other.page.get_by_role("button", name="Delete").click()
        await expect(pictures(one.page)).to_have_count(0)


def payloads() -> list[str]:
    """Write prompts that would run if they ever became markup."""
    act = "alert(document.domain)"
    tags = [
        f"<script>{act}</script>",
        f"<img src=x onerror={act}>",
        f"<svg/onload={act}>",
        f"</script><script>{act}</script>",
        f'"><iframe srcdoc="<script>{act}</script>">',
        f"<a href=javascript:{act}>x</a>",
        f"<details open ontoggle={act}>",
        f"<math><mtext></p><img src onerror={act}>",
        f"' onmouseover='{act}",
        f"<style>*(animation:x)</style><b onanimationstart={act}>",
    ]
    ways = ["{}", "/show {}", "/{}", "/vary x --picture {}", "x --style {}", "x --model {}"]
    return [way.replace("{}", tag) for tag in tags for way in ways]


async def test_no_prompt_ever_becomes_markup(browser: Browser, house: House) -> None:
    async with visiting(browser, house.link) as visit:
        await expect(visit.page.locator("#welcome")).to_be_visible()
        for number, words in enumerate(payloads()):
            ask = {"id": f"payload-{number:04}", "words": words}
            headers = {"Origin": house.url}
            taken = await visit.page.request.post(f"{house.url}/api/say", data=ask, headers=headers)
            assert taken.status == 202
        await expect(visit.page.locator(".person")).to_have_count(len(payloads()))
        await expect(visit.page.locator(".studio")).to_have_count(len(payloads()))
        await visit.page.reload()
        await expect(visit.page.locator(".person").first).to_be_visible()
        planted = visit.page.locator("#thread :is(script, iframe, svg, style, details, math)")
        await expect(planted).to_have_count(0)
