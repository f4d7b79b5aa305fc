"""Links to single pictures, for whoever holds them and for a week."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.links import LIFE, PATH, Links
from bot.web_chat.auth import Auth
from core.errors import NotFound
from tests.bot.web_chat.home import House
from tests.bot.web_chat.test_routes import drawn

SECRET = bytes(32)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(moment: datetime) -> Links:
    return Links("https://studio.test", SECRET, lambda: moment)


def token(link: str) -> str:
    return link.partition(PATH)[2]


async def test_a_link_shows_its_own_picture_to_who_is_not_signed_in_and_to_no_search_engine(
    owner: httpx.AsyncClient, house: House
) -> None:
    line = await drawn(owner, "a fox -n 2")
    first, second = [await owner.get(shot["source"]) for shot in line["shots"]]
    links = replace(house.links, public_url=house.url)
    async with httpx.AsyncClient() as stranger:
        seen = await stranger.get(links.to(line["job"], 2))
        assert (seen.content, seen.headers["content-type"]) == (second.content, "image/png")
        assert seen.content != first.content
        assert seen.headers["x-robots-tag"] == "noindex, nofollow"
        assert seen.headers["cache-control"] == "no-store"
        for gone in (links.to(line["job"], 3), links.to("nowhere", 1), f"{house.url}{PATH}"):
            assert (await stranger.get(gone)).status_code == 404
        forged = links.to(line["job"], 2).replace(".2.", ".1.")
        assert (await stranger.get(forged)).status_code == 404
        source = f"{house.url}{line['shots'][0]['source']}"
        assert (await stranger.get(source)).status_code == 401


async def test_a_link_that_shows_nothing_says_why_and_what_to_do_in_the_visitors_language(
    owner: httpx.AsyncClient, house: House
) -> None:
    line = await drawn(owner, "a fox")
    links = replace(house.links, public_url=house.url)
    over = replace(links, now=lambda: datetime.now(UTC) - LIFE - timedelta(seconds=1))
    expired, gone = over.to(line["job"], 1), links.to(line["job"], 2)
    for link, locale, status, words in (
        (expired, "en", 410, f"To see the picture again, write /files {line['job']} in the chat"),
        (expired, "de-AT", 410, f"Schreib /files {line['job']} in den Chat"),
        (gone, "en", 404, "The picture was deleted, or a part of the link is missing."),
        (f"{house.url}{PATH}<b>", "de", 404, "dem Link fehlt ein Stück"),
    ):
        async with httpx.AsyncClient(headers={"Accept-Language": locale}) as stranger:
            seen = await stranger.get(link)
        assert (seen.status_code, seen.headers["content-language"]) == (status, locale[:2])
        assert seen.headers["content-type"].startswith("text/html")
        assert words in seen.text
        assert "<b>" not in seen.text
        assert "script" not in seen.text
        assert seen.headers["x-robots-tag"] == "noindex, nofollow"
        assert seen.headers["cache-control"] == "no-store"
        assert seen.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_link_is_good_for_a_week_and_for_nothing_else() -> None:
    given = token(at(NOON).to("abc", 1))
    assert at(NOON + LIFE).read(given) == ("abc", 1)
    others = (
        (NOON + LIFE + timedelta(seconds=1), given),
        (NOON, token(Links("https://x.test", b"other", lambda: NOON).to("abc", 1))),
        *((NOON, wrong) for wrong in ("", ".", "abc.1", given[:-1], given.replace("abc", "abd"))),
    )
    for moment, wrong in others:
        with pytest.raises(NotFound):
            at(moment).read(wrong)
    assert Links("", SECRET).to("abc", 1) == ""


def test_a_link_signs_nobody_in() -> None:
    auth = Auth(SECRET, lambda: NOON)
    given = token(at(NOON).to("abc", 1))
    assert not auth.signed_in(given)
    assert not auth.signed_in(given.partition(".")[2])
    key = auth.sign_in_link("").partition("=")[2]
    cookie = auth.sign_in(key)
    assert cookie is not None
    with pytest.raises(NotFound):
        at(NOON).read(cookie)
