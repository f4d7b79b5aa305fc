import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from typing_extensions import override

from bot.web_chat.inbound import HOME, locale_of
from bot.web_chat.outbound import ROOM
from core.command import Command
from core.commands import COMMANDS
from core.context import Address, Ask, Context
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio
from tests.bot.web_chat.home import House, web_chat_at
from tests.bot.web_chat.stream import events, first_of, lines_until_pictures, next_line

FOX = "a red fox in the snow --ar 3:2 --seed 7 -n 4"


def saying(words: str, ask: str = "ask-0001", **more: str) -> dict[str, str]:
    return {"id": ask, "words": words, **more}


async def said(client: httpx.AsyncClient, words: str, ask: str = "ask-0001", **more: str) -> None:
    answer = await client.post("/api/say", json=saying(words, ask, **more))
    assert answer.status_code == 202


async def history(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/api/messages")).json()["lines"]


async def settled(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    """Wait until the history holds so many lines: it is written after the page was told."""
    async with asyncio.timeout(30):
        while len(lines := await history(client)) < count:
            pass
    return lines


async def drawn(client: httpx.AsyncClient, words: str = FOX) -> dict[str, Any]:
    async with events(client) as stream:
        await said(client, words)
        return (await lines_until_pictures(stream))[-1]


async def pressed(client: httpx.AsyncClient, token: str, ask: str = "press-0001") -> None:
    answer = await client.post("/api/press", json={"id": ask, "token": token})
    assert answer.status_code == 202


def tokens(line: dict[str, Any]) -> dict[str, str]:
    return {button["label"]: button["token"] for button in line["buttons"]}


async def test_words_become_a_moving_status_line_and_pictures(owner: httpx.AsyncClient) -> None:
    async with events(owner) as stream:
        await said(owner, FOX)
        told: list[tuple[str, Any]] = []
        async for event in stream:
            told.append((event.event, json.loads(event.data)))
            if event.event == "line" and told[-1][1]["shots"]:
                break
    names = [name for name, _ in told]
    assert names[0] == "line"
    assert names[-2:] == ["ended", "line"]
    statuses = [data["text"] for name, data in told if name == "status"]
    assert any(text.endswith("of 4…") for text in statuses)
    shots = told[-1][1]["shots"]
    assert [shot["alt"] for shot in shots] == [
        f"Picture {n} of 4: a red fox in the snow" for n in (1, 2, 3, 4)
    ]
    assert [f"seed {seed}" in shots[seed - 7]["recipe"] for seed in (7, 8, 9, 10)] == [True] * 4


async def test_the_history_holds_the_same_lines_under_the_same_keys(
    owner: httpx.AsyncClient,
) -> None:
    async with events(owner) as stream:
        await said(owner, FOX)
        live = await lines_until_pictures(stream)
    assert [line["key"] for line in await settled(owner, 2)] == [line["key"] for line in live]


async def test_a_restart_keeps_everything_and_an_old_page_catches_up(tmp_path: Path) -> None:
    async with web_chat_at(tmp_path) as house, httpx.AsyncClient(base_url=house.url) as client:
        client.headers.update({"Origin": house.url})
        await client.get(house.link)
        cookies = client.cookies
        await drawn(client, "a boat")
        lines = await settled(client, 2)
        reach = (await client.get("/api/messages")).json()["last"]
        await said(client, "/help", "ask-0002")
    async with web_chat_at(tmp_path) as house:
        client = httpx.AsyncClient(base_url=house.url, cookies=cookies)
        async with client, events(client, after=reach) as stream:
            missed = [json.loads((await anext(stream)).data) for _ in range(2)]
            after = await history(client)
    assert after == [*lines, *missed]
    assert missed[0]["text"] == "/help"


async def test_the_browsers_last_event_id_wins_over_the_address(owner: httpx.AsyncClient) -> None:
    await drawn(owner, "a boat")
    await settled(owner, 2)
    async with events(owner) as stream:
        first = await anext(stream)
    async with events(owner, last_event_id=first.id) as stream:
        again = await anext(stream)
    assert int(again.id) > int(first.id)
    assert json.loads(again.data)["shots"]


async def test_a_page_that_opens_before_the_history_is_written_is_told_all_the_same(
    owner: httpx.AsyncClient,
) -> None:
    line = await drawn(owner, "a boat")
    async with events(owner, after=10**9) as stream:
        assert (await lines_until_pictures(stream))[-1] == line


async def test_a_double_click_is_one_asking(owner: httpx.AsyncClient) -> None:
    async with events(owner) as stream:
        await said(owner, "a boat", "same-click")
        await said(owner, "a boat", "same-click")
        await lines_until_pictures(stream)
    assert [line["who"] for line in await settled(owner, 2)] == ["person", "studio"]


async def test_every_button_does_what_it_says(owner: httpx.AsyncClient) -> None:
    async with events(owner) as stream:
        await said(owner, "a boat -n 2")
        line = (await lines_until_pictures(stream))[-1]
        buttons = tokens(line)
        assert list(buttons) == [
            "Again", "Vary 1", "Vary 2", "Upscale 1", "Upscale 2", "As file", "Details", "Delete",
        ]  # fmt: skip
        for number, label in enumerate(("Again", "Vary 2", "Upscale 1", "As file")):
            await pressed(owner, buttons[label], f"press-{number:04}")
            shown = (await lines_until_pictures(stream))[-1]
            assert shown["key"] != line["key"]
            assert shown["as_files"] is (label == "As file")
        await pressed(owner, buttons["Details"], "press-0010")
        assert (await next_line(stream))["text"] == "Everything about a job"
        assert "Model:" in (await next_line(stream))["text"]


async def test_a_deleted_picture_leaves_open_pages_the_history_and_the_store(
    owner: httpx.AsyncClient,
) -> None:
    async with events(owner) as stream:
        await said(owner, "a boat")
        line = (await lines_until_pictures(stream))[-1]
        await settled(owner, 2)
        await pressed(owner, tokens(line)["Delete"])
        gone = await first_of(stream, "gone")
        assert gone == [line["key"]]
        assert line["job"] in (await next_line(stream))["text"]
    assert line["key"] not in [one["key"] for one in await history(owner)]
    assert (await owner.get(line["shots"][0]["source"])).status_code == 404
    async with events(owner) as stream:
        told = [await next_line(stream) for _ in range(3)]
    assert [one["shots"] for one in told] == [[], [], []]
    assert told[-1]["removes"] == line["job"]


async def test_many_pictures_are_asked_about_first(owner: httpx.AsyncClient) -> None:
    async with events(owner) as stream:
        await said(owner, "a {red,blue,green,black,white} boat")
        await anext(stream)
        quote = json.loads((await anext(stream)).data)
        assert list(tokens(quote)) == ["Yes, draw 5", "No, leave it"]
        await pressed(owner, tokens(quote)["Yes, draw 5"])
        for _ in range(5):
            await lines_until_pictures(stream)


async def test_a_quote_can_be_dismissed_and_a_job_under_way_cancelled(
    owner: httpx.AsyncClient,
) -> None:
    async with events(owner) as stream:
        await said(owner, "a {red,blue,green,black,white} boat")
        await next_line(stream)
        await pressed(owner, tokens(await next_line(stream))["No, leave it"])
        await next_line(stream)
        assert (await next_line(stream))["text"] == "All right, I leave it."
        await said(owner, "a boat -n 10", "ask-0002")
        status = await first_of(stream, "status")
        await pressed(owner, status["token"], "press-0002")
        told = [await next_line(stream) for _ in range(3)]
    assert f"cancel:{status['job']}" == status["token"]
    assert any("Cancelling" in line["text"] for line in told)


async def test_the_answer_to_a_question_fills_the_command(owner: httpx.AsyncClient) -> None:
    async with events(owner) as stream:
        await said(owner, "/imagine")
        await anext(stream)
        question = json.loads((await anext(stream)).data)
        assert question["question"]
        await said(owner, "a boat", "ask-0002", reply_to=question["key"])
        assert (await lines_until_pictures(stream))[-1]["text"] == "a boat"


async def test_a_picture_is_sent_whole_small_and_to_save(owner: httpx.AsyncClient) -> None:
    shot = (await drawn(owner, "a boat"))["shots"][0]
    whole = await owner.get(shot["source"])
    small = await owner.get(f"{shot['source']}?w=512")
    saved = await owner.get(f"{shot['source']}?save=1")
    assert len(whole.content) == shot["bytes"]
    assert len(small.content) < len(whole.content)
    assert whole.headers["content-type"].startswith("image/")
    assert "immutable" in whole.headers["cache-control"]
    assert whole.headers["content-disposition"].startswith("inline; filename=")
    assert saved.headers["content-disposition"].startswith("attachment; filename=")
    assert (await owner.get(f"{shot['source']}?w=513")).status_code == 404
    assert (await owner.get(f"/images/{'0' * 64}")).status_code == 404


async def test_the_commands_come_from_the_studio(owner: httpx.AsyncClient, house: House) -> None:
    offer = (await owner.get("/api/commands")).json()
    listed = [command.name for command in house.studio.commands if command.listed]
    assert [command["name"] for command in offer["commands"]] == listed
    imagine = offer["commands"][0]
    flags = {option["flag"] for option in imagine["options"]}
    assert {"--ar", "-n", "--seed", "--style"} <= flags
    assert "3:2" in offer["lists"]["aspect_ratios"]


async def test_an_unknown_button_is_answered_with_words(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/api/press", json={"id": "press-0001", "token": "dance:7"})
    assert answer.status_code == 404
    assert "dance" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/say", r'{"id": "ask-0001", "words": "a \ud800 fox"}'),
        ("/api/say", r'{"id": "ask-0001", "words": "a fox", "reply_to": "\ud800"}'),
        ("/api/say", r'{"id": "ask-0001", "words": " "}'),
        ("/api/press", r'{"id": "press-0001", "token": "\udc00"}'),
        ("/api/press", r'{"\ud800": 1}'),
    ],
)
async def test_what_cannot_be_read_is_refused_with_words(
    owner: httpx.AsyncClient, path: str, body: str
) -> None:
    answer = await owner.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, list(answer.json())) == (422, ["error"])
    assert "I cannot read that." in answer.json()["error"]


async def test_older_lines_come_page_by_page(owner: httpx.AsyncClient) -> None:
    async with events(owner) as stream:
        for number in range(25):
            await said(owner, "/usage", f"ask-{number:04}")
            await anext(stream)
            await anext(stream)
    newest = (await owner.get("/api/messages")).json()
    older = (await owner.get(f"/api/messages?before={newest['first']}")).json()
    assert [len(newest["lines"]), len(older["lines"])] == [40, 10]
    assert older["first"] is None
    assert len({line["key"] for line in older["lines"] + newest["lines"]}) == 50


async def test_a_reader_that_sleeps_is_cut_off_and_others_are_not(house: House) -> None:
    address = Address(HOME)
    with house.messenger.feed() as asleep, house.messenger.feed() as awake:
        for _ in range(ROOM + 1):
            await house.messenger.send(address, Text("dismissed"), locale="en")
            await awake.get()
        assert await asleep.get() is None
        await house.messenger.send(address, Text("dismissed"), locale="en")
        assert awake.qsize() == 1
        assert asleep.empty()


async def test_the_pages_files_are_not_sent_twice(visitor: httpx.AsyncClient) -> None:
    first = await visitor.get("/static/chat.js")
    again = await visitor.get("/static/chat.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await visitor.get("/static/index.html")).status_code == 404


def test_the_browsers_wishes_choose_the_language() -> None:
    assert locale_of("fr, de-AT;q=0.8, en;q=0.4") == "de"
    assert locale_of("en-GB,de;q=0.3") == "en"
    assert locale_of("en;q=0.2, de") == "de"
    assert locale_of("") == "en"
    assert locale_of("xx;q=nonsense,*") == "en"


@dataclass(frozen=True, kw_only=True)
class Wordless(Command):
    """Answer what no language has words for."""

    name: ClassVar[str] = "wordless"
    listed: ClassVar[bool] = False

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        return Text("no.such.words")


async def test_an_answer_that_cannot_be_said_ends_neither_the_studio_nor_its_next_start(
    tmp_path: Path,
) -> None:
    async with (
        web_chat_at(tmp_path, (*COMMANDS, Wordless)) as house,
        httpx.AsyncClient(base_url=house.url, headers={"Origin": house.url}) as client,
    ):
        await client.get(house.link)
        async with events(client) as stream:
            await said(client, "/wordless", "ask-0001")
            await said(client, "/stop", "ask-0002")
            while not (await next_line(stream))["text"].startswith("Stopped."):
                pass
        async with asyncio.timeout(30):
            while await waiting(house.studio):
                pass


async def waiting(studio: Studio) -> tuple[Ask, ...]:
    async with studio.database.reading() as tx:
        return await tx.inbox.waiting()
