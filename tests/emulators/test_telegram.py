"""The emulated Telegram, seen through python-telegram-bot and aiogram."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.request import HTTPXRequest

from tests.emulators.telegram import TelegramEmulator

ANNA = 501


def picture(width: int = 64, height: int = 48, color: str = "orange") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        emulator.user(ANNA, "Anna", "de")
        emulator.dm(ANNA)
        yield emulator
        assert emulator.broken_rules == []


@pytest.fixture
async def bot(telegram: TelegramEmulator) -> AsyncIterator[Bot]:
    wire = HTTPXRequest(httpx_kwargs={"trust_env": False}, read_timeout=20)
    poll = HTTPXRequest(httpx_kwargs={"trust_env": False}, read_timeout=20)
    base = telegram.url
    async with Bot(
        telegram.token, f"{base}/bot", f"{base}/file/bot", request=wire, get_updates_request=poll
    ) as connected:
        yield connected


async def test_smoke(telegram: TelegramEmulator, bot: Bot) -> None:
    assert bot.username == "nano_banana_bot"
    await telegram.say(ANNA, "/imagine a cat", photo=picture(2000, 1000))
    [update] = await bot.get_updates(timeout=5)
    assert update.message is not None
    file = await bot.get_file(update.message.photo[-1].file_id)
    assert Image.open(io.BytesIO(await file.download_as_bytearray())).size == (1280, 640)
    await bot.send_chat_action(ANNA, "upload_photo")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again")]])
    sent = await bot.send_photo(ANNA, picture(), "<b>A cat</b>", parse_mode="HTML", reply_markup=keyboard)
    await bot.send_document(ANNA, picture(), filename="cat.png")
    await bot.send_media_group(ANNA, [InputMediaPhoto(picture(color=c)) for c in ("red", "blue")])
    query = await telegram.press(ANNA, sent.message_id, ANNA, "Again")
    [asked] = await bot.get_updates(offset=update.update_id + 1, timeout=5)
    assert asked.callback_query
    await asked.callback_query.answer("ok")
    assert await telegram.answered(query) == {"text": "ok", "show_alert": False}
    said = await bot.send_message(ANNA, "hello")
    await bot.edit_message_text("bye", ANNA, said.message_id)
    seen = await telegram.expect(lambda m: m.text == "bye", chat=ANNA)
    assert seen.edited
    await bot.delete_message(ANNA, said.message_id)
    await bot.set_my_commands([("imagine", "Make a picture")], language_code="en")
    print(telegram.look(ANNA), telegram.commands)
