"""What comes over the wire may be anything; what goes out always fits."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.discord_chat.inbound import options, pressed, record, words
from bot.discord_chat.layout import LABEL, ROW, ROWS, TOKEN, WORDS, rows, sheet
from bot.discord_chat.suggestions import choices, focused
from bot.discord_chat.ticket import LIFE, Ticket
from bot.render import utf16
from core import grammar
from core.commands import COMMANDS
from core.replies import Button, Menu, Text
from tests.strategies import commands

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OPTION = st.fixed_dictionaries(
    {}, optional={"name": ANYTHING, "value": ANYTHING, "focused": ANYTHING}
)
DATA = st.dictionaries(
    st.sampled_from(["name", "options", "type"]), ANYTHING
) | st.fixed_dictionaries({"name": ANYTHING, "options": st.lists(OPTION | ANYTHING, max_size=5)})
TICKETS = st.builds(
    Ticket,
    token=st.text(max_size=200),
    asked_at=st.integers(0, 2**40),
    user=st.text(max_size=20),
    room=st.integers(1, 2**40),
    member=st.booleans(),
    private=st.booleans(),
    pressed=st.text(max_size=20),
)
BUTTONS = st.lists(
    st.builds(Button, st.text(min_size=1, max_size=120), st.just("button.again")), max_size=40
)


@given(DATA)
def test_any_slash_payload_becomes_a_record(data: dict[str, Any]) -> None:
    said = record(data)
    assert isinstance(said["command"], str)
    assert all(isinstance(value, str | int | float | bool) for value in said.values())
    json.dumps(said)
    assert len(options(data)) <= 5
    assert all(isinstance(each, str) for each in focused(data))


@given(commands())
def test_a_slash_command_is_read_as_it_was_meant(command: Any) -> None:
    filled = {name: value for name, value in command.record().items() if name != "command"}
    data = {
        "name": command.name,
        "options": [{"name": name, "value": value} for name, value in filled.items()],
    }
    assert grammar.revive(record(data), COMMANDS) == command


@given(st.text(max_size=200) | st.sampled_from(["vary:", "confirm", "vary:a:x:y:z", ":"]))
def test_any_token_becomes_a_record(token: str) -> None:
    assert isinstance(pressed(token, COMMANDS)["command"], str)


@given(st.text(max_size=300))
def test_the_bots_own_name_is_no_wish(content: str) -> None:
    said = words(f"<@1>{content}<@!1>", 1)
    assert "<@1>" not in said or "<@1>" in content
    assert said == said.strip()


@given(TICKETS)
def test_a_ticket_reads_back_as_it_was_written(ticket: Ticket) -> None:
    assert Ticket.read(ticket.write()) == ticket


def test_a_token_is_used_for_fourteen_and_a_half_minutes() -> None:
    ticket = Ticket(token="t", asked_at=1000)
    assert ticket.alive(datetime.fromtimestamp(1000 + LIFE - 1, UTC))
    assert not ticket.alive(datetime.fromtimestamp(1000 + LIFE, UTC))
    assert not Ticket(asked_at=1000).alive(datetime.fromtimestamp(1000, UTC))


@given(BUTTONS)
def test_buttons_always_fit_into_five_rows_of_five(buttons: list[Button]) -> None:
    laid = rows(buttons)
    assert len(laid) <= ROWS
    assert all(0 < len(row) <= ROW for row in laid)
    assert all(len(button.token) <= TOKEN for row in laid for button in row)


@given(st.text(max_size=4000), st.text(max_size=20))
def test_words_always_fit_and_name_nobody(prompt: str, above: str) -> None:
    said = Text("show.title", {"job": "a", "prompt": prompt + "@everyone <@12345678901234567>"})
    page = sheet(Menu(said, ()), "en", above=above)
    assert utf16(page.content) <= WORDS
    assert "@everyone" not in page.content
    assert "<@1" not in page.content


async def test_a_long_label_is_cut() -> None:
    button = Button("cancel:x", "button.cancel", {"job": "x" * 100})
    view = sheet(Menu(Text("dismissed"), (button,)), "en").view()
    assert view is not None
    assert len(view.to_components()[0]["components"][0]["label"]) == LABEL


@given(st.lists(st.text(min_size=1, max_size=120), max_size=60), st.text(max_size=10))
def test_suggestions_always_fit(names: list[str], typed: str) -> None:
    offered = choices({name: f"{name} {name}" for name in names}, typed)
    assert len(offered) <= 25
    assert all(len(one.name) <= 100 and 0 < len(one.value) <= 100 for one in offered)
