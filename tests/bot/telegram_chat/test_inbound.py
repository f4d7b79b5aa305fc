"""Which updates are askings, and what they ask."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram_chat.inbound import Reader
from bot.telegram_chat.update import number, read
from core.commands import COMMANDS
from core.context import Address, Ask, Attachment, Chat

ME, ANNA, GROUP = 1001, 501, -700
READER = Reader(ME, "nano_banana_bot", COMMANDS)


def person(number: int = ANNA, **more: Any) -> dict[str, Any]:
    return {"id": number, "is_bot": number == ME, "first_name": "Anna", **more}


def message(
    text: str = "", *, group: bool = False, sender: Any = None, **more: Any
) -> dict[str, Any]:
    chat = {"id": GROUP, "type": "group"} if group else {"id": ANNA, "type": "private"}
    said = {"message_id": 7, "date": 1, "chat": chat, "from": sender or person(), **more}
    return said | ({"text": text} if text else {})


def mention(text: str, name: str = "@nano_banana_bot") -> list[dict[str, Any]]:
    before, _, _ = text.partition(name)
    offset = len(before.encode("utf-16-le")) // 2
    return [{"type": "mention", "offset": offset, "length": len(name)}]


def asked(raw: Any) -> Ask | None:
    update = read({"update_id": 9, **raw})
    assert update is not None
    return READER.ask(update)


def words(said: dict[str, Any]) -> str | None:
    ask = asked({"message": said})
    return None if ask is None else ask.words


def pressed(data: str, **more: Any) -> Ask | None:
    return asked({"callback_query": {"id": "1", "from": person(), "data": data, **more}})


def test_a_direct_message_says_who_asks_where_and_in_which_language() -> None:
    said = message("a fox", sender=person(language_code="de-AT"))
    ask = asked({"message": said})
    assert ask is not None
    assert ask.context.request == "telegram:1001:9"
    assert ask.context.address == Address(Chat("telegram", "501"), reply_to="7")
    assert (ask.context.user.key, ask.context.user.name) == ("telegram:501", "Anna")
    assert (ask.words, ask.context.locale) == ("a fox", "de-AT")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a fox", None),
        ("/imagine a fox", "/imagine a fox"),
        ("/imagine@nano_banana_bot a fox", "/imagine a fox"),
        ("/Imagine@Nano_Banana_Bot\na fox\nat night", "/imagine a fox\nat night"),
        ("/imagine@nano_banana_bot", "/imagine"),
        ("/imagine@other_bot a fox", None),
        ("/ban Boris", None),
        ("/delete all", None),
        ("/draw@nano_banana_bot", "/draw"),
        ("/start", "/help"),
    ],
)
def test_in_a_group_only_a_command_for_the_bot_asks(text: str, meant: str | None) -> None:
    assert words(message(text, group=True)) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@nano_banana_bot a fox", "a fox"),
        ("@nano_banana_bot, a fox", "a fox"),
        ("🦊🦊 please, @nano_banana_bot", "🦊🦊 please,"),
        ("hello @nano_banana_bot draw a fox", "hello draw a fox"),
        ("@nano_banana_bot /models", "/models"),
        ("@nano_banana_bot", ""),
    ],
)
def test_in_a_group_a_mention_asks_without_the_name(text: str, meant: str) -> None:
    assert words(message(text, group=True, entities=mention(text))) == meant
    assert words(message(text, group=True)) is None


def test_in_a_group_a_reply_to_the_bot_asks_but_one_to_a_person_does_not() -> None:
    theirs = {"message_id": 3, "from": person()}
    ours = {"message_id": 4, "from": person(ME)}
    assert words(message("at night", group=True, reply_to_message=theirs)) is None
    ask = asked({"message": message("at night", group=True, reply_to_message=ours)})
    assert ask is not None
    assert (ask.words, ask.context.replied_to) == ("at night", "4")


def test_a_topic_is_kept_and_its_head_is_no_reply() -> None:
    head = {"message_id": 2, "from": person(ME), "forum_topic_created": {"name": "Cats"}}
    topic = {"message_thread_id": 2, "is_topic_message": True, "reply_to_message": head}
    assert words(message("hello", group=True, **topic)) is None
    ask = asked({"message": message("/imagine a cat", group=True, **topic)})
    assert ask is not None
    assert ask.context.chat == Chat("telegram", "-700", "2")
    assert ask.context.replied_to == ""
    comments = asked({"message": message("/imagine a cat", group=True, message_thread_id=2)})
    assert comments is not None
    assert comments.context.chat.thread == ""


@pytest.mark.parametrize(
    "raw",
    [
        {"message": message("a fox", sender=person(ME))},
        {"message": message("a fox", forward_origin={"type": "user"})},
        {"message": message()},
        {"message": message(photo=[{"file_id": "a"}], media_group_id="5")},
        {"edited_message": message("a fox")},
        {"my_chat_member": {}},
        {"callback_query": {"id": "1", "from": person(), "data": "again:x"}},
        {"callback_query": {"id": "1", "from": person(), "game_short_name": "g"}},
    ],
)
def test_bots_forwards_edits_and_service_messages_ask_nothing(raw: dict[str, Any]) -> None:
    assert asked(raw) is None


def test_a_photo_comes_in_its_largest_size_and_a_document_as_it_is() -> None:
    photo = [{"file_id": "small", "file_size": 10}, {"file_id": "large", "file_size": 90}]
    ask = asked({"message": message(photo=photo, caption="make it night")})
    assert ask is not None
    assert ask.words == "make it night"
    assert ask.context.attachments == (Attachment("large", "image/jpeg", 90),)
    file = {"file_id": "f", "mime_type": "image/png", "file_size": 5, "file_name": "a.png"}
    ask = asked({"message": message(document=file)})
    assert ask is not None
    assert ask.context.attachments == (Attachment("f", "image/png", 5),)


def test_a_pressed_button_is_a_command_that_answers_its_message() -> None:
    shown = message("What next?", group=True, photo=[{"file_id": "a"}])
    ask = pressed("vary:abc:2", message=shown)
    assert ask is not None
    assert ask.command == {"command": "vary", "job": "abc", "picture": 2}
    assert ask.context.address == Address(Chat("telegram", "-700"), reply_to="7", ticket="501")
    assert ask.context.attachments == ()
    confirm = pressed("confirm:telegram:1001:8", message=shown)
    assert confirm is not None
    assert confirm.command == {"command": "confirm", "request": "telegram:1001:8"}


@pytest.mark.parametrize("data", ["", "unknown:1", "vary:abc:x", "vary", ":::", "again"])
def test_a_button_that_nobody_made_asks_nothing(data: str) -> None:
    assert pressed(data, message=message("x")) is None


def test_half_characters_and_nul_are_mended() -> None:
    assert words(message("a \ud83d fox\x00")) == "a � fox"


SCALARS: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
)
FIELDS = "from chat text entities caption photo document reply_to_message message_thread_id"


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)


def broken(fields: dict[str, Any]) -> dict[str, Any]:
    return message("/imagine") | fields


def marked(text: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    return message(text, group=True, entities=entities)


JSON = st.recursive(SCALARS, nested, max_leaves=8)
ENTITY: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["mention", "bot_command", "text_mention"]),
        "offset": st.integers(-2, 40),
        "length": st.integers(-2, 2**40),
    }
)
MESSAGE: st.SearchStrategy[Any] = (
    JSON
    | st.builds(broken, st.dictionaries(st.sampled_from(FIELDS.split()), JSON, max_size=3))
    | st.builds(marked, st.text(st.characters(), min_size=1), st.lists(ENTITY, max_size=3))
)
PRESS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "id": st.just("1"),
        "from": st.just(person()),
        "data": st.text() | st.builds("{}:{}:{}".format, st.text(), st.text(), st.text()),
        "message": MESSAGE,
    }
)
UPDATE: st.SearchStrategy[Any] = (
    JSON
    | st.fixed_dictionaries({"update_id": st.integers(), "message": MESSAGE})
    | st.fixed_dictionaries({"update_id": st.integers(), "callback_query": PRESS})
)


@given(UPDATE)
def test_no_update_can_raise(raw: Any) -> None:
    number(raw)
    update = read(raw)
    ask = READER.ask(update) if update else None
    if ask is not None:
        assert ask.context.user.id
        ask.words.encode()
