"""The emulated Telegram as aiogram sees it: a second opinion from other authors."""

import io
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)
from PIL import Image

from tests.emulators.pictures import plain_picture
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_cast import ANNA

AGAIN = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Again", callback_data="again:7")]]
)


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url))
    async with Bot(telegram.token, session).context() as connected:
        yield connected


def file(data: bytes) -> BufferedInputFile:
    return BufferedInputFile(data, "cat.png")


async def test_a_photo_is_asked_for_and_downloaded(telegram: TelegramEmulator, bot: Bot) -> None:
    assert (await bot.me()).username == "nano_banana_bot"
    await telegram.say(ANNA, "make it night", photo=plain_picture(1600, 800))
    [update] = await bot.get_updates(timeout=15)
    assert update.message
    assert update.message.photo
    saved = await bot.download(update.message.photo[-1], io.BytesIO())
    assert saved
    assert Image.open(saved).size == (1280, 640)
    assert await bot.get_updates(offset=update.update_id + 1) == []


async def test_photos_albums_and_documents_are_sent(telegram: TelegramEmulator, bot: Bot) -> None:
    original = plain_picture()
    await bot.send_chat_action(ANNA, "upload_photo")
    await bot.send_photo(ANNA, file(original), caption="<i>A cat</i>", parse_mode="HTML")
    await bot.send_media_group(ANNA, [InputMediaPhoto(media=file(original)) for _ in range(3)])
    await bot.send_document(ANNA, file(original))
    seen = telegram.messages(ANNA)
    assert [each.uploaded for each in seen] == [original] * 4 + [None]
    assert (seen[0].caption, seen[-1].document) == ("A cat", original)
    assert seen[1].album == seen[3].album != ""
    assert [each["action"] for each in telegram.chat_actions] == ["upload_photo"]


async def test_a_message_is_edited_once_and_its_button_pressed(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    sent = await bot.send_message(ANNA, "Drawing")
    await bot.edit_message_text("Done", chat_id=ANNA, message_id=sent.message_id)
    await bot.edit_message_reply_markup(
        chat_id=ANNA, message_id=sent.message_id, reply_markup=AGAIN
    )
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text(
            "Done", chat_id=ANNA, message_id=sent.message_id, reply_markup=AGAIN
        )
    query = await telegram.press(ANNA, sent.message_id, ANNA, "again:7")
    [update] = await bot.get_updates(timeout=15)
    assert update.callback_query
    assert isinstance(update.callback_query.message, Message)
    assert update.callback_query.message.text == "Done"
    await bot.answer_callback_query(update.callback_query.id, "Drawing again")
    assert (await telegram.answered(query))["text"] == "Drawing again"


async def test_refusals_are_understood(telegram: TelegramEmulator, bot: Bot) -> None:
    telegram.fault("sendMessage", "status", code=429, retry_after=7)
    telegram.fault("getUpdates", "status", code=409)
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(ANNA, "hello")
    assert refused.value.retry_after == 7
    with pytest.raises(TelegramConflictError):
        await bot.get_updates()
    with pytest.raises(TelegramBadRequest, match="PHOTO_INVALID_DIMENSIONS"):
        await bot.send_photo(ANNA, file(plain_picture(9000, 1001)))
