"""The emulated Telegram as python-telegram-bot sees it."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from tests.emulators.pictures import picture
from tests.emulators.telegram import TelegramEmulator

ANNA, BORIS, GROUP, FORUM = 501, 502, -700, -1001234567890


def connect(telegram: TelegramEmulator, token: str = "") -> Bot:
    def wire() -> HTTPXRequest:
        return HTTPXRequest(httpx_kwargs={"trust_env": False}, read_timeout=20, pool_timeout=20)

    return Bot(
        token or telegram.token,
        f"{telegram.url}/bot",
        f"{telegram.url}/file/bot",
        request=wire(),
        get_updates_request=wire(),
    )


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        emulator.user(ANNA, "Anna", "de")
        emulator.user(BORIS, "Boris")
        emulator.dm(ANNA)
        emulator.group(GROUP, "Friends")
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
def seconds_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opt in to the type of `retry_after` to come; the old one warns at every 429."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    async with connect(telegram) as connected:
        yield connected


def button(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data=data)]])


async def next_update(bot: Bot, after: Update | None = None) -> Update:
    updates = await bot.get_updates(offset=after.update_id + 1 if after else None, timeout=5)
    return updates[0]


async def polled(telegram: TelegramEmulator, times: int) -> None:
    async with asyncio.timeout(5), telegram.world.changed:
        await telegram.world.changed.wait_for(lambda: telegram.world.updates.polls == times)


async def test_unconfirmed_updates_come_again_and_confirmed_ones_vanish(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.say(ANNA, "one")
    await telegram.say(ANNA, "two")
    first, second = await bot.get_updates()
    assert [each.update_id for each in await bot.get_updates()] == [
        first.update_id,
        second.update_id,
    ]
    assert await next_update(bot, after=first) == second
    assert await bot.get_updates(offset=second.update_id + 1) == ()


async def test_a_long_poll_ends_with_the_first_update(telegram: TelegramEmulator, bot: Bot) -> None:
    async with asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(bot.get_updates(timeout=10))
        await telegram.say(ANNA, "/imagine@nano_banana_bot a cat")
    [update] = polling.result()
    assert update.message
    assert update.message.entities[0].type == "bot_command"
    assert update.message.from_user
    assert update.message.from_user.language_code == "de"


async def test_a_newer_poll_ends_the_older_with_a_conflict(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    async def older() -> str:
        with pytest.raises(Conflict, match="only one bot instance") as refused:
            await bot.get_updates(timeout=10)
        return refused.value.message

    async with connect(telegram) as twin, asyncio.TaskGroup() as tasks:
        tasks.create_task(older())
        await polled(telegram, 1)
        newer = tasks.create_task(twin.get_updates(timeout=10))
        await polled(telegram, 2)
        await telegram.say(ANNA, "hello")
    assert len(newer.result()) == 1


async def test_reactions_come_only_if_asked_for(telegram: TelegramEmulator, bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "Done")
    await telegram.react(ANNA, sent.message_id, ANNA, "🍌")
    assert await bot.get_updates(allowed_updates=["message_reaction"]) == ()
    await telegram.react(ANNA, sent.message_id, ANNA, "🍌")
    assert (await next_update(bot)).message_reaction


async def test_a_photo_loses_its_size_and_metadata_but_a_document_does_not(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    original = picture(2000, 1000)
    await bot.send_photo(ANNA, original, "as a *photo*", parse_mode="MarkdownV2")
    await bot.send_document(ANNA, original, filename="cat.png", reply_markup=button("x"))
    photo, document = telegram.messages(ANNA)
    assert photo.photo
    assert Image.open(io.BytesIO(photo.photo)).size == (1280, 640)
    assert photo.uploaded == document.document == original
    assert (photo.caption, document.document_name) == ("as a photo", "cat.png")
    assert document.buttons == ((("Again", "x"),),)


async def test_a_photo_from_a_person_can_be_downloaded(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.say(ANNA, "make it night", photo=picture(400, 300))
    update = await next_update(bot)
    assert update.message
    file = await bot.get_file(update.message.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == telegram.messages(ANNA)[0].photo
    again = await bot.send_photo(ANNA, update.message.photo[-1].file_id)
    assert again.photo == update.message.photo
    with pytest.raises(BadRequest, match="Can't use file of type photo as document"):
        await bot.send_document(ANNA, update.message.photo[-1].file_id)


async def test_a_file_over_twenty_megabytes_cannot_be_downloaded(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.say(ANNA, document=("raw.bin", bytes(20 * 1024 * 1024 + 1)))
    update = await next_update(bot)
    assert update.message
    assert update.message.document
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(update.message.document)


@pytest.mark.parametrize(
    ("photo", "refusal"),
    [
        (picture() + bytes(10 * 1024 * 1024), "bytes is too big for a photo; the maximum size is"),
        (picture(9000, 1001), "Photo_invalid_dimensions"),
        (picture(420, 20), "Photo_invalid_dimensions"),
        (b"no picture at all", "Image_process_failed"),
        (picture(300, 300)[:-300], "Image_process_failed"),
    ],
    ids=["heavy", "long", "narrow", "no picture", "cut"],
)
async def test_a_photo_that_telegram_refuses_still_goes_as_a_document(
    telegram: TelegramEmulator, bot: Bot, photo: bytes, refusal: str
) -> None:
    with pytest.raises(BadRequest, match=refusal):
        await bot.send_photo(ANNA, photo)
    await bot.send_document(ANNA, photo, filename="cat.png")
    assert [each.document for each in telegram.messages(ANNA)] == [photo]


async def test_an_album_is_one_group_of_two_to_ten_of_a_kind(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    cat, page = InputMediaPhoto(picture(), "A cat"), InputMediaDocument(picture())
    await bot.send_media_group(ANNA, [cat, InputMediaPhoto(picture(color="blue"))])
    first, second = telegram.messages(ANNA)
    assert first.album == second.album != ""
    assert (first.caption, second.caption) == ("A cat", "")
    with pytest.raises(BadRequest, match="Too many messages to send as an album"):
        await bot.send_media_group(ANNA, [cat] * 11)
    with pytest.raises(BadRequest, match="can't be mixed with other media types"):
        await bot.send_media_group(ANNA, [cat, page])
    with pytest.raises(BadRequest, match='message #2 with the error message "image_process_failed'):
        await bot.send_media_group(ANNA, [cat, InputMediaPhoto(b"broken")])
    await bot.send_media_group(ANNA, [cat], api_kwargs={"reply_markup": button("x")})
    assert telegram.broken_rules[-2:] == [
        "sendMediaGroup: an album must have 2-10 items",
        "sendMediaGroup: an album takes no reply_markup",
    ]
    telegram.broken_rules.clear()


async def test_button_data_is_counted_in_bytes(bot: Bot) -> None:
    await bot.send_message(ANNA, "Ready", reply_markup=button("é" * 32))
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(ANNA, "Ready", reply_markup=button("é" * 33))


async def test_words_are_counted_in_utf16_after_parsing(bot: Bot) -> None:
    await bot.send_photo(ANNA, picture(), f"<b>{'🍌' * 512}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(ANNA, picture(), "🍌" * 513)
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(ANNA, "a" * 4097)
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(ANNA, " \n")


async def test_a_message_must_exist_to_be_changed_or_answered(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    sent = await bot.send_message(ANNA, "Drawing")
    theirs = await telegram.say(BORIS, "hello", chat=GROUP)
    await bot.edit_message_text("Done", ANNA, sent.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("Done", ANNA, sent.message_id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(ANNA, sent.message_id, caption="Done")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Done", GROUP, theirs)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(GROUP, theirs)
    assert telegram.messages(ANNA)[0].edited
    await bot.delete_message(ANNA, sent.message_id)
    assert telegram.messages(ANNA) == []
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Again", ANNA, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ANNA, sent.message_id)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ANNA, "a", reply_parameters=ReplyParameters(sent.message_id))


async def test_a_photo_can_be_replaced_with_its_caption(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    sent = await bot.send_photo(ANNA, picture(), "first", reply_markup=button("x"))
    night = picture(color="black")
    await bot.edit_message_media(InputMediaPhoto(night, "night"), ANNA, sent.message_id)
    [seen] = telegram.messages(ANNA)
    assert (seen.uploaded, seen.caption, seen.labels) == (night, "night", ())


async def test_a_topic_must_exist(telegram: TelegramEmulator, bot: Bot) -> None:
    telegram.group(FORUM, "Studio", topics=True)
    cats = telegram.topic(FORUM, "Cats", ANNA)
    await telegram.say(ANNA, "/imagine@nano_banana_bot a cat", FORUM, thread=cats)
    update = await next_update(bot)
    assert update.message
    assert update.message.message_thread_id == cats
    await bot.send_chat_action(FORUM, "typing", message_thread_id=cats)
    await bot.send_message(
        FORUM, "A cat", message_thread_id=cats, reply_parameters=ReplyParameters(2)
    )
    assert telegram.chat_actions == [
        {"chat_id": FORUM, "action": "typing", "message_thread_id": cats}
    ]
    assert [each.reply_to for each in telegram.messages(FORUM, cats)] == [None, 2]
    telegram.close_topic(FORUM, cats)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(FORUM, "A cat", message_thread_id=cats)


async def test_a_chat_can_be_unknown_closed_or_moved(telegram: TelegramEmulator, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(999, "hello")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(BORIS, "hello")
    telegram.block(ANNA)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ANNA, "hello")
    await telegram.migrate(GROUP, FORUM)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(GROUP, "hello")
    assert moved.value.new_chat_id == FORUM
    telegram.kick(FORUM)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(FORUM, "hello")


async def test_a_pressed_button_is_answered_once(telegram: TelegramEmulator, bot: Bot) -> None:
    sent = await bot.send_photo(ANNA, picture(), reply_markup=button("again:7"))
    query = await telegram.press(ANNA, sent.message_id, ANNA, "Again")
    update = await next_update(bot)
    assert update.callback_query
    assert update.callback_query.data == "again:7"
    await update.callback_query.answer("Drawing again")
    assert await telegram.answered(query) == {"text": "Drawing again", "show_alert": False}
    with pytest.raises(BadRequest, match="Query is too old"):
        await update.callback_query.answer()
    with pytest.raises(AssertionError, match=r"no button 'Other'.*\n.*\n.*\(Again\)"):
        await telegram.press(ANNA, sent.message_id, ANNA, "Other")


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        ("/imagine@nano_banana_bot a cat", True),
        ("/imagine@other_bot a cat", False),
        ("/imagine a cat", False),
        ("hey @nano_banana_bot, a cat", True),
        ("a cat", False),
    ],
)
async def test_privacy_mode_lets_only_what_is_meant_for_the_bot_through(
    telegram: TelegramEmulator, text: str, *, arrives: bool
) -> None:
    await telegram.say(ANNA, text, GROUP)
    assert bool(telegram.world.updates.waiting) is arrives


async def test_a_bare_command_arrives_while_the_bot_spoke_last(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    sent = await bot.send_message(GROUP, "Hello")
    await telegram.say(ANNA, "/imagine a cat", GROUP)
    await telegram.say(ANNA, "/imagine a dog", GROUP)
    await telegram.say(ANNA, "make it night", GROUP, reply_to=sent.message_id)
    texts = [each.message.text for each in await bot.get_updates() if each.message]
    assert texts == ["/imagine a cat", "make it night"]


async def test_an_album_from_a_person_arrives_in_parts(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.album(ANNA, [picture(color=each) for each in ("red", "blue")], "/train anna")
    first, second = [each.message for each in await bot.get_updates()]
    assert first
    assert second
    assert first.media_group_id == second.media_group_id
    assert (first.caption, second.caption) == ("/train anna", None)


@pytest.mark.usefixtures("seconds_as_timedelta")
async def test_the_flood_meter_asks_for_patience() -> None:
    now = [100.0]
    async with TelegramEmulator(flood_clock=lambda: now[0]) as telegram:
        telegram.dm(telegram.user(ANNA, "Anna"))
        async with connect(telegram) as bot:
            for number in range(5):
                await bot.send_message(ANNA, f"{number}")
            with pytest.raises(RetryAfter) as refused:
                await bot.send_message(ANNA, "too much")
            assert refused.value.retry_after == timedelta(seconds=5)
            now[0] += 5
            await bot.send_message(ANNA, "in time")


async def test_a_fault_before_or_after_the_message_is_accepted(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    telegram.fault("sendMessage", "drop_before")
    telegram.fault("sendMessage", "accept_then_drop")
    telegram.fault("sendMessage", "torn")
    telegram.fault("sendMessage", "slow", seconds=30)
    telegram.fault("sendMessage", "hang")
    errors: list[type[TelegramError]] = []
    for number in range(5):
        with pytest.raises(TelegramError) as failed:
            await bot.send_message(ANNA, f"{number}", read_timeout=0.1 if number > 2 else 5)
        errors.append(type(failed.value))
    assert errors == [NetworkError, NetworkError, TelegramError, TimedOut, TimedOut]
    assert [each.text for each in telegram.messages(ANNA)] == ["1", "2", "3"]


@pytest.mark.usefixtures("seconds_as_timedelta")
async def test_a_fault_can_be_any_status(telegram: TelegramEmulator, bot: Bot) -> None:
    telegram.fault("sendPhoto", "status", code=429, retry_after=7)
    telegram.fault("sendPhoto", "status", code=500)
    telegram.fault("getUpdates", "status", code=502)
    with pytest.raises(RetryAfter, match="Retry in 0:00:07"):
        await bot.send_photo(ANNA, picture())
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_photo(ANNA, picture())
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.get_updates()
    assert telegram.messages(ANNA) == []


async def test_menus_are_kept_by_scope_and_language(telegram: TelegramEmulator, bot: Bot) -> None:
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("imagine", "Make a picture")])
    await bot.set_my_commands([("imagine", "Male ein Bild")], scope, "de")
    [german] = await bot.get_my_commands(scope, "de")
    assert german.description == "Male ein Bild"
    assert await bot.get_my_commands(scope) == ()
    assert set(telegram.commands) == {"default/", "all_private_chats/de"}
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Imagine", "Make a picture")])


async def test_a_wrong_token_is_unauthorized(telegram: TelegramEmulator) -> None:
    with pytest.raises(InvalidToken):
        await connect(telegram, "1002:other").__aenter__()


async def test_a_method_can_be_called_in_any_case_and_encoding(telegram: TelegramEmulator) -> None:
    base = f"{telegram.url}/bot{telegram.token}"
    async with httpx.AsyncClient(trust_env=False) as client:
        answers = [
            await client.get(f"{base}/SENDMESSAGE", params={"chat_id": ANNA, "text": "a"}),
            await client.post(f"{base}/sendmessage", data={"chat_id": ANNA, "text": "b"}),
            await client.post(f"{base}/sendMessage", json={"chat_id": ANNA, "text": "c"}),
        ]
        missing = await client.get(f"{base}/sendNothing")
    assert [each.json()["result"]["text"] for each in answers] == ["a", "b", "c"]
    assert missing.json() == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }


async def test_waiting_for_a_message_ends_with_it_or_prints_the_chat(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(telegram.expect(lambda seen: seen.text == "Done", chat=ANNA))
        await bot.send_message(ANNA, "Done")
    assert waiting.result().by_bot
    with pytest.raises(AssertionError, match=r"chat 501 \(Anna\):\n  #1 bot: Done"):
        await telegram.expect(lambda seen: seen.text == "More", chat=ANNA, timeout=0)
