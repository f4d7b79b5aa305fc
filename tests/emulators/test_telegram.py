"""What the emulated Telegram lets python-telegram-bot send and change."""

import io

import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.emulators.pictures import plain_picture
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_cast import ANNA, BORIS, FORUM, GROUP, button, next_update


async def test_a_photo_loses_its_size_and_metadata_but_a_document_does_not(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    original = plain_picture(2000, 1000)
    await bot.send_photo(ANNA, original, "as a *photo*", parse_mode="MarkdownV2")
    await bot.send_document(ANNA, original, filename="cat.png", reply_markup=button("x"))
    photo, document = telegram.messages(ANNA)
    assert photo.photo
    assert Image.open(io.BytesIO(photo.photo)).size == (1280, 640)
    assert photo.uploaded == document.document == original
    assert (photo.caption, document.document_name) == ("as a photo", "cat.png")
    assert document.buttons == ((("Again", "x"),),)


@pytest.mark.parametrize(
    ("photo", "refusal"),
    [
        (
            plain_picture() + bytes(10 * 1024 * 1024),
            "bytes is too big for a photo; the maximum size is",
        ),
        (plain_picture(9000, 1001), "Photo_invalid_dimensions"),
        (plain_picture(420, 20), "Photo_invalid_dimensions"),
        (b"no picture at all", "Image_process_failed"),
        (plain_picture(300, 300)[:-300], "Image_process_failed"),
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
    cat, page = InputMediaPhoto(plain_picture(), "A cat"), InputMediaDocument(plain_picture())
    await bot.send_media_group(ANNA, [cat, InputMediaPhoto(plain_picture(color="blue"))])
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
    await bot.send_photo(ANNA, plain_picture(), f"<b>{'🍌' * 512}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(ANNA, plain_picture(), "🍌" * 513)
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
    sent = await bot.send_photo(ANNA, plain_picture(), "first", reply_markup=button("x"))
    night = plain_picture(color="black")
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
