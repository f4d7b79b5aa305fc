import itertools
import logging

import httpx
import pytest

from tests.bot.web_chat.home import House

SAY = {"id": "a" * 32, "words": "/help"}
BY_BROWSER = ("same-origin", "same-site", "cross-site", "none", None)


def headers(site: str | None, origin: str | None) -> dict[str, str]:
    given = {"Sec-Fetch-Site": site, "Origin": origin}
    return {name: value for name, value in given.items() if value is not None}


async def test_only_the_own_page_may_change_anything(house: House) -> None:
    origins = (house.url, "http://evil.test", house.url.replace("http://", "http://evil."), "null")
    async with httpx.AsyncClient(base_url=house.url) as client:
        await client.get(house.link)
        matrix = itertools.product(("/api/say", "/api/press"), BY_BROWSER, (*origins, None))
        for path, site, origin in matrix:
            own = site in {"same-origin", None} and origin in {house.url, None}
            answer = await client.post(path, json={}, headers=headers(site, origin))
            allowed = own and (site, origin) != (None, None)
            # 422: it got through to the route, which misses the fields.
            assert answer.status_code == (422 if allowed else 403), (path, site, origin)


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", "127.0.0.1.evil.test", "", "[::2]"])
async def test_a_foreign_host_name_is_refused_on_every_path(
    owner: httpx.AsyncClient, host: str
) -> None:
    for path in ("/", "/api/messages", "/api/events", "/healthz", "/static/chat.js"):
        assert (await owner.get(path, headers={"Host": host})).status_code == 400


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST:8765", "[::1]"]
)
async def test_local_names_are_answered_with_and_without_a_port(
    visitor: httpx.AsyncClient, host: str
) -> None:
    assert (await visitor.get("/healthz", headers={"Host": host})).status_code == 200


async def test_nothing_but_the_way_in_is_open_without_a_session(
    visitor: httpx.AsyncClient, house: House
) -> None:
    closed = ["/api/messages", "/api/events", "/api/commands", f"/images/{'0' * 64}", "/nowhere"]
    assert {(await visitor.get(path)).status_code for path in closed} == {401}
    for path in ("/api/say", "/api/press"):
        assert (await visitor.post(path, json=SAY)).status_code == 401
    assert (await visitor.get("/")).status_code == 401
    assert (await visitor.get("/readyz")).json() == {"web": {"ok": True}}
    assert (await visitor.get("/healthz")).json() == {"status": "live"}
    assert (await visitor.get("/static/style.css")).status_code == 200


async def test_signing_in_gives_a_cookie_that_no_script_and_no_other_site_gets(
    visitor: httpx.AsyncClient, house: House
) -> None:
    answer = await visitor.get(house.link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly; SameSite=Strict" in cookie
    assert "Path=/;" in cookie
    assert "Secure" not in cookie
    assert (await visitor.get("/")).status_code == 200
    assert (await visitor.get(house.link)).status_code == 303
    over_tls = await visitor.get(house.link, headers={"X-Forwarded-Proto": "https"})
    assert over_tls.headers["set-cookie"].endswith("; Secure")


async def test_a_wrong_key_is_refused_and_ten_close_the_door(visitor: httpx.AsyncClient) -> None:
    answers = [await visitor.get("/sign-in?key=wrong") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert "Too many wrong keys" in answers[-1].text


async def test_only_short_json_is_taken(owner: httpx.AsyncClient) -> None:
    form = await owner.post("/api/say", data=SAY)
    plain = await owner.post("/api/say", content=b"{}", headers={"Content-Type": "text/plain"})
    long = await owner.post("/api/say", json={**SAY, "words": "x" * 70_000})
    assert [form.status_code, plain.status_code, long.status_code] == [415, 415, 413]


async def test_every_answer_carries_the_security_headers(owner: httpx.AsyncClient) -> None:
    for path in ("/", "/api/messages", "/static/chat.js", "/nowhere", "/healthz"):
        got = (await owner.get(path)).headers
        policy = got["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert got["x-content-type-options"] == "nosniff"
        assert got["referrer-policy"] == "no-referrer"
        assert "server" not in got
    assert (await owner.get("/api/messages")).headers["cache-control"] == "no-store"


async def test_the_sign_in_key_reaches_no_log(
    visitor: httpx.AsyncClient,
    house: House,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "uvicorn")
    key = house.link.partition("key=")[2]
    assert (await visitor.get(house.link)).status_code == 303
    await visitor.get(f"/sign-in?key={key}x")
    assert (await visitor.get("/")).status_code == 200
    servers = "".join(one.getMessage() for one in caplog.records if one.name.startswith("uvicorn"))
    out, err = capfd.readouterr()
    assert key not in out + err + servers
