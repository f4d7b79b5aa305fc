"""What the messenger does when Telegram takes a message, and when it does not."""

from pathlib import Path
from typing import Any

import pytest

from bot.links import Links
from core.context import Address, Attachment, Chat
from core.errors import DeliveryFailed
from core.replies import Button, Form, Menu, Progress, Stage, Text
from tests.bot.telegram_chat.desk import desk
from tests.bot.telegram_chat.home import ANNA, BORIS, FORUM, GROUP
from tests.emulators.pictures import plain_picture
from tests.emulators.telegram import TelegramEmulator

DM = Address(Chat("telegram", str(ANNA)))
FRIENDS = Address(Chat("telegram", str(GROUP)), reply_to="999")
HELP = Text("help.title")
FOX, OWL = plain_picture(64, 48), plain_picture(64, 48, "blue")
HEAVY = FOX + bytes(10 * 1024 * 1024)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (HEAVY, (64, 48)),
        (plain_picture(9000, 1001), (9000, 1001)),
        (plain_picture(420, 20), (420, 20)),
        (plain_picture(9000, 1001), (64, 48)),  # Telegram itself finds out
    ],
    ids=["heavy", "long", "narrow", "long in secret"],
)
async def test_what_telegram_takes_for_no_photo_goes_as_a_smaller_one_and_says_so(
    telegram: TelegramEmulator, tmp_path: Path, data: bytes, size: tuple[int, int]
) -> None:
    async with desk(telegram, tmp_path) as at:
        await at.messenger.send(DM, await at.pictures(data, size=size), locale="en")
    [seen] = telegram.messages(ANNA)
    assert (bool(seen.photo), seen.document) == (True, None)
    assert (seen.labels, seen.caption.split("\n")[0]) == (("🔄 Again",), "a fox")
    assert "Shown smaller" in seen.caption


NO_PHOTOS = {"code": 400, "reason": "not enough rights to send photos to the chat"}
NO_FILES = {"code": 400, "reason": "CHAT_SEND_DOCS_FORBIDDEN"}
TOO_HEAVY = {"code": 413, "reason": "Request Entity Too Large"}


@pytest.mark.parametrize(
    ("data", "faults", "said"),
    [
        (b"no picture at all", {}, "Sent as a file: this chat does not take it as a photo."),
        (FOX, {"sendPhoto": NO_PHOTOS}, "Sent as a file: this chat takes no photos from me."),
        (b"?", {"sendDocument": TOO_HEAVY}, "not even smaller or as a file"),
        (FOX, {"sendPhoto": NO_PHOTOS, "sendDocument": NO_FILES}, "may not send pictures"),
    ],
    ids=["no picture", "no photos", "too heavy", "no media"],
)
async def test_the_ladder_goes_on_to_a_file_and_ends_with_a_link(
    telegram: TelegramEmulator,
    tmp_path: Path,
    data: bytes,
    faults: dict[str, dict[str, Any]],
    said: str,
) -> None:
    for place, fault in faults.items():
        telegram.fault(place, "status", **fault)
    links = Links("https://studio.test", b"a secret")
    async with desk(telegram, tmp_path, links=links) as at:
        sent = await at.messenger.send(DM, await at.pictures(data), locale="en")
    [seen] = telegram.messages(ANNA)
    assert (sent, seen.labels) == ((str(seen.message_id),), ("🔄 Again",))
    assert said in seen.caption + seen.text
    if "sendDocument" in faults:
        token = seen.text.rpartition("https://studio.test/shared/")[2]
        assert links.read(token) == ("abc", 1)
        assert seen.text.startswith("a fox\nPreview")
    else:
        assert (seen.document, seen.document_name) == (data, "nano-banana-abc-1.png")


async def test_without_a_public_address_words_say_how_to_get_the_pictures(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("sendMediaGroup", "status", times=2, **NO_PHOTOS)
    async with desk(telegram, tmp_path) as at:
        await at.messenger.send(FRIENDS, await at.pictures(FOX, OWL), locale="de")
    words, buttons = telegram.messages(GROUP)
    assert words.text.endswith("/files abc, oder frag, wer dieses Studio betreibt, nach abc.")
    assert buttons.labels == ("🔄 Nochmal",)


async def test_one_bad_photo_turns_the_whole_album_into_documents(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with desk(telegram, tmp_path) as at:
        sent = await at.messenger.send(DM, await at.pictures(FOX, b"bad"), locale="en")
    first, second, buttons = telegram.messages(ANNA)
    assert (first.document, second.document) == (FOX, b"bad")
    assert "Sent as a file" in first.caption
    assert first.album == second.album != ""
    assert (buttons.text, buttons.labels) == ("What next?", ("🔄 Again",))
    assert sent == tuple(str(seen.message_id) for seen in telegram.messages(ANNA))


async def test_a_long_prompt_is_shortened_to_the_room_of_a_caption(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with desk(telegram, tmp_path) as at:
        shown = await at.pictures(FOX)
        caption = Text(shown.caption.key, {**shown.caption.values, "prompt": "🍌<b>*_" * 600})
        long = type(shown)("abc", shown.pictures, caption, "")
        await at.messenger.send(DM, long, locale="en")
    [seen] = telegram.messages(ANNA)
    assert seen.caption.startswith("🍌<b>*_🍌")
    assert seen.caption.split("\n")[0].endswith("…")
    assert seen.caption.endswith("seed 7 · abc")
    assert 900 < len(seen.caption.encode("utf-16-le")) // 2 <= 1024


async def test_a_question_and_a_menu_answer_the_asker_even_when_that_message_is_gone(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with desk(telegram, tmp_path) as at:
        asked = await telegram.say(BORIS, "hello", GROUP)
        address = Address(FRIENDS.chat, reply_to=str(asked))
        question = Form("imagine", "prompt", Text("ask.imagine.prompt"))
        await at.messenger.send(address, question, locale="en")
        quote = Menu(
            Text("quote.free", {"count": 6}),
            (
                Button("confirm:x", "button.confirm", {"count": 6}),
                Button("dismiss", "button.dismiss"),
            ),
        )
        await at.messenger.send(FRIENDS, quote, locale="en")
    _, form, menu = telegram.messages(GROUP)
    assert (form.text, form.reply_to, menu.reply_to) == ("What shall I draw?", asked, None)
    assert menu.buttons == ((("Yes, draw 6", "confirm:x"),), (("No, leave it", "dismiss"),))
    [call, _] = telegram.called("POST", "sendMessage")
    assert b"force_reply" in call.body


async def test_a_status_line_is_edited_and_goes_when_the_result_is_there(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with desk(telegram, tmp_path) as at:
        queued = Progress("abc", token="cancel:abc")
        [line] = await at.messenger.send(DM, queued, locale="en")
        [seen] = telegram.messages(ANNA)
        assert (seen.text, seen.labels) == ("In the queue…", ("✖️ Cancel",))
        drawing = Progress("abc", Stage.DRAWING, 1, 2, token="cancel:abc")
        await at.messenger.edit(DM, line, drawing, locale="en")
        await at.messenger.edit(DM, line, queued, locale="en")  # too soon: left out
        assert telegram.messages(ANNA)[0].text == "Drawing 2 of 2…"
        at.clock.now += 1
        await at.messenger.edit(DM, line, drawing, locale="en")  # nothing new
        await at.messenger.send(DM, await at.pictures(FOX), locale="en", replaces=line)
        at.clock.now += 1
        await at.messenger.edit(DM, line, drawing, locale="en")  # gone
        await at.messenger.delete(DM, [line])
    assert [seen.text for seen in telegram.messages(ANNA)] == [""]


async def test_words_wait_as_long_as_telegram_asks_and_progress_gives_way(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("sendMessage", "status", code=429, retry_after=7)
    async with desk(telegram, tmp_path) as at:
        before = at.clock.now
        [line] = await at.messenger.send(DM, HELP, locale="en")
        assert at.clock.now == before + 7
        telegram.fault("sendPhoto", "status", code=429, retry_after=30)
        with pytest.raises(DeliveryFailed) as failed:
            await at.messenger.send(DM, await at.pictures(FOX), locale="en")
        assert (failed.value.retry_after, failed.value.lasting) == (30, False)
        calls = len(telegram.calls)
        assert await at.messenger.send(DM, Progress("abc"), locale="en") == ()
        await at.messenger.edit(DM, line, Progress("abc"), locale="en")
        assert len(telegram.calls) == calls
        await at.messenger.send(DM, await at.pictures(FOX), locale="en")
        assert at.clock.now >= before + 37


async def test_a_result_whose_answer_was_lost_is_not_called_delivered(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("sendPhoto", "slow", seconds=0.5)
    telegram.fault("sendPhoto", "torn")
    async with desk(telegram, tmp_path, patience=0.1) as at:
        for _ in range(2):
            with pytest.raises(DeliveryFailed) as failed:
                await at.messenger.send(DM, await at.pictures(FOX), locale="en", nonce="abc-1")
            assert (failed.value.unheard, failed.value.lasting) == (True, False)
    assert len(telegram.messages(ANNA)) == 2


@pytest.mark.parametrize("fault", ["drop_before", "status"])
async def test_a_photo_that_never_arrived_is_left_to_the_outbox(
    telegram: TelegramEmulator, tmp_path: Path, fault: str
) -> None:
    telegram.fault("sendPhoto", fault)
    async with desk(telegram, tmp_path) as at:
        with pytest.raises(DeliveryFailed) as failed:
            await at.messenger.send(DM, await at.pictures(FOX), locale="en")
        assert not failed.value.lasting
        assert await at.messenger.send(DM, await at.pictures(FOX), locale="en")
    assert len(telegram.messages(ANNA)) == 1


async def test_an_album_is_delivered_even_when_its_buttons_are_not(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("sendMessage", "status", code=500)
    async with desk(telegram, tmp_path) as at:
        album = await at.pictures(FOX, OWL)
        assert len(await at.messenger.send(DM, album, locale="en")) == 2


async def test_a_closed_chat_is_given_up(telegram: TelegramEmulator, tmp_path: Path) -> None:
    telegram.block(ANNA)
    telegram.kick(GROUP)
    nowhere = Address(Chat("telegram", "4711"))
    async with desk(telegram, tmp_path) as at:
        for address in (DM, FRIENDS, nowhere):
            with pytest.raises(DeliveryFailed) as failed:
                await at.messenger.send(address, HELP, locale="en")
            assert failed.value.lasting


async def test_a_closed_or_deleted_topic_and_a_moved_group_are_followed(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    cats, moved = telegram.topic(FORUM, "Cats", ANNA), -1000000000123
    telegram.close_topic(FORUM, cats)
    await telegram.migrate(GROUP, moved)
    async with desk(telegram, tmp_path) as at:
        await at.messenger.send(Address(Chat("telegram", str(FORUM), str(cats))), HELP, locale="en")
        telegram.fault("sendMessage", "status", code=400, reason="TOPIC_CLOSED")
        await at.messenger.send(Address(Chat("telegram", str(FORUM), "1")), HELP, locale="en")
        [elsewhere] = await at.messenger.send(FRIENDS, HELP, locale="en")
        assert (len(telegram.messages(FORUM)), len(telegram.messages(moved))) == (2, 1)
        await at.messenger.delete(FRIENDS, [elsewhere])
    assert telegram.messages(moved) == []


async def test_a_picture_from_a_person_is_fetched(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    await telegram.say(ANNA, "make it night", photo=plain_picture(400, 300))
    [seen] = telegram.messages(ANNA)
    handle = telegram.world.updates.waiting[0]["message"]["photo"][-1]["file_id"]
    async with desk(telegram, tmp_path) as at:
        assert await at.messenger.fetch(Attachment(handle)) == seen.photo
        with pytest.raises(DeliveryFailed):
            await at.messenger.fetch(Attachment("forged"))


async def test_a_status_line_of_a_group_that_moved_leaves_its_new_messages_alone(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    moved = -1000000000123
    drawing = Progress("abc", Stage.DRAWING, token="cancel:abc")
    for _ in range(3):
        await telegram.say(BORIS, "not for the bot", GROUP)
    async with desk(telegram, tmp_path) as at:
        [line] = await at.messenger.send(FRIENDS, Progress("abc"), locale="en")
        await telegram.migrate(GROUP, moved)
        there = Address(Chat("telegram", str(moved)))
        while line not in await at.messenger.send(there, HELP, locale="en"):
            at.clock.now += 60
        await at.messenger.edit(FRIENDS, line, drawing, locale="en")
        await at.messenger.send(FRIENDS, await at.pictures(FOX), locale="en", replaces=line)
        [helped] = [one for one in telegram.messages(moved) if str(one.message_id) == line]
        assert helped.text.startswith("Tell me what to draw")
        at.clock.now += 60
        [elsewhere] = await at.messenger.send(FRIENDS, Progress("abc"), locale="en")
        await at.messenger.edit(FRIENDS, elsewhere, drawing, locale="en")
    assert telegram.messages(moved)[-1].text == "Drawing…"
