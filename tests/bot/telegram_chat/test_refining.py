"""Refining by talking: an answer to a picture, or a picture with words, is an edit."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

from PIL import Image, ImageStat

from tests.bot.telegram_chat.home import ANNA, chatting
from tests.bot.telegram_chat.test_asking import says
from tests.emulators.pictures import picture
from tests.emulators.telegram import TelegramEmulator


def brightness(data: bytes | None) -> float:
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        return ImageStat.Stat(image.convert("L")).mean[0]


def parents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "studio.db")) as database:
        return [row[0] for row in database.execute("SELECT parent FROM pictures ORDER BY rowid")]


async def test_an_answer_to_the_second_picture_of_an_album_edits_that_one(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "a red fox on a sunny day -n 2 --seed 3")
        await telegram.expect(says("What next?"))
        second = [seen for seen in telegram.messages(ANNA) if seen.photo][1]
        await telegram.say(ANNA, "make it night", reply_to=second.message_id)
        night = await telegram.expect(says("make it night\n"))
    assert brightness(night.photo) < brightness(second.photo) - 20
    with closing(sqlite3.connect(tmp_path / "studio.db")) as database:
        made = dict(database.execute("SELECT position, sha256 FROM pictures WHERE parent = ''"))
    assert parents(tmp_path) == ["", "", made[2]]


async def test_a_photo_with_a_caption_is_edited_by_it_and_keeps_its_shape(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "in the rain", photo=picture(640, 320, "jpeg"))
        edited = await telegram.expect(says("in the rain\n"))
    assert "640×320" in edited.caption


async def test_an_edit_without_a_picture_asks_which(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "/edit make it red")
        await telegram.expect(says("Which picture?"))


async def test_what_is_no_picture_is_refused_with_what_would_be_taken(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "make it red", document=("notes.txt", b"not a picture at all"))
        await telegram.expect(says("I take PNG, JPEG, WebP and AVIF"))
