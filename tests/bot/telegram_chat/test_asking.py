"""From what people write and press to what they get."""

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from core.context import Address, Chat
from core.ports import Finishing, ImageStore, Messenger
from core.replies import Progress, Stage
from core.worker.status import StatusLine
from tests.bot.telegram_chat.home import ANNA, BORIS, FORUM, GROUP, chatting, platform
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_view import Seen
from tests.program import Program
from tests.storage.samples import job
from tests.studio import studio_at

BOT = "@nano_banana_bot"


def says(words: str) -> Callable[[Seen], bool]:
    return lambda seen: seen.by_bot and words in (seen.text or seen.caption)


async def test_a_direct_message_is_a_prompt(telegram: TelegramEmulator, tmp_path: Path) -> None:
    async with chatting(telegram, tmp_path):
        asked = await telegram.say(ANNA, "a red fox in the snow")
        shown = await telegram.expect(says("a red fox in the snow\n"))
    assert shown.photo
    assert shown.reply_to == asked
    assert [[data.partition(":")[0] for _, data in row] for row in shown.buttons] == [
        ["again"],
        ["vary"],
        ["upscale"],
        ["files", "show", "delete"],
    ]
    assert shown.labels[1] == "✨ Vary 1"


async def test_an_invitation_is_made_in_private_alone(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path, NANO_BANANA_OPERATORS=f"telegram:{ANNA}"):
        await telegram.say(ANNA, f"/invite{BOT}", GROUP)
        told = await telegram.expect(says("nvitation"))
        await telegram.say(ANNA, "/invite")
        made = await telegram.expect(says("/join "))
    assert (told.chat, made.chat) == (GROUP, ANNA)
    assert told.text.endswith("Send me /invite in our private chat.")


async def test_several_pictures_are_an_album_in_the_topic_with_its_buttons_behind(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    cats = telegram.topic(FORUM, "Cats", ANNA)
    async with chatting(telegram, tmp_path):
        asked = await telegram.say(ANNA, f"/imagine{BOT} a cat -n 3", FORUM, thread=cats)
        buttons = await telegram.expect(says("What next?"))
    *album, last = telegram.messages(FORUM, cats)[1:]
    assert [seen.photo is not None for seen in album] == [True] * 3
    assert len({seen.album for seen in album}) == 1
    assert [bool(seen.caption) for seen in album] == [True, False, False]
    assert {seen.reply_to for seen in album} == {asked}
    assert (last, last.reply_to) == (buttons, album[0].message_id)
    assert [len(row) for row in last.buttons] == [1, 3, 3, 3]
    assert telegram.chat_actions[0] == {
        "chat_id": FORUM,
        "action": "upload_photo",
        "message_thread_id": cats,
    }


async def test_pressed_buttons_vary_show_send_files_and_delete(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, f"{BOT} a cat -n 2", GROUP)
        buttons = await telegram.expect(says("What next?"))

        job = buttons.buttons[0][0][1].partition(":")[2]

        async def press(user: int, command: str, picture: str = "") -> dict[str, Any]:
            token = f"{command}:{job}{picture}"
            query = await telegram.press(user, buttons.message_id, GROUP, token)
            return await telegram.answered(query)

        assert await press(ANNA, "vary", ":2") == {"text": "", "show_alert": False}
        varied = await telegram.expect(lambda seen: bool(seen.photo and seen.labels))
        assert varied.reply_to == buttons.message_id
        await press(BORIS, "show")
        await telegram.expect(says("Sketch"))
        await press(BORIS, "delete")
        await telegram.expect(says("somebody else's"))
        await press(ANNA, "files")
        await telegram.expect(lambda seen: seen.document_name.endswith("-2.png"))
        await press(ANNA, "delete")
        await telegram.expect(says("are deleted"))
    left = telegram.messages(GROUP)
    assert [seen.message_id for seen in left if seen.photo] == [varied.message_id]
    assert not [seen for seen in left if seen.document or seen == buttons]


async def test_an_admin_of_the_group_may_delete_what_somebody_else_asked_for(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.promote(GROUP, BORIS)
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, f"{BOT} a cat", GROUP)
        shown = await telegram.expect(says("a cat"))
        await telegram.press(BORIS, shown.message_id, GROUP, "🗑️ Delete")
        await telegram.expect(says("are deleted"))
    assert not [seen for seen in telegram.messages(GROUP) if seen.photo]


async def test_a_menu_tap_asks_what_to_draw_and_takes_the_reply(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, f"/imagine{BOT}", GROUP)
        question = await telegram.expect(says("What shall I draw?"))
        asked = await telegram.say(ANNA, "a teapot", GROUP, reply_to=question.message_id)
        shown = await telegram.expect(says("a teapot"))
    assert shown.photo
    assert shown.reply_to == asked


async def test_a_private_picture_goes_to_who_asked_and_not_to_the_group(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, f"/imagine{BOT} a secret --private", GROUP)
        shown = await telegram.expect(says("a secret"), chat=ANNA)
        await telegram.say(BORIS, f"/imagine{BOT} a riddle --private", GROUP)
        refusal = await telegram.expect(says("Open a chat with me"), chat=GROUP)
        await telegram.press(ANNA, shown.message_id, ANNA, "🗑️ Delete")
        await telegram.expect(says("are deleted"), chat=ANNA)
    assert shown.photo
    assert [seen.message_id for seen in telegram.messages(GROUP) if seen.by_bot] == [
        refusal.message_id
    ]
    assert not [seen for seen in telegram.messages(ANNA) if seen.photo]


async def test_a_mistake_is_answered_with_what_to_do(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "a fox --sed 7")
        flag = await telegram.expect(says("I do not know --sed. Try --seed."))
        await telegram.say(ANNA, "/imagin a fox")
        await telegram.expect(says("Did you mean /imagine?"))
        await telegram.say(ANNA, "/start")
        await telegram.expect(says("/imagine: Make pictures from words"))
    assert flag.reply_to


async def test_an_update_that_comes_again_has_one_effect(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "a fox")
        await telegram.expect(says("a fox"))
        twice = {"update_id": telegram.world.updates.next_id, "message": _message("a wolf")}
        await telegram.push(twice)
        await telegram.expect(says("a wolf"))
        await telegram.push(twice)
        await telegram.push({"message": {"malformed": True}})
        await telegram.say(ANNA, "an owl")
        await telegram.expect(says("an owl"))
    assert [seen.caption.split("\n")[0] for seen in telegram.messages(ANNA) if seen.photo] == [
        "a fox",
        "a wolf",
        "an owl",
    ]
    # Where the published description is at hand, the emulator minds what it was made to send.
    assert all("malformed" in rule or "message:" in rule for rule in telegram.broken_rules)
    telegram.broken_rules.clear()


def _message(text: str) -> dict[str, Any]:
    person = {"id": ANNA, "is_bot": False, "first_name": "Anna"}
    chat = {"id": ANNA, "type": "private"}
    return {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text}


async def test_what_could_not_be_committed_is_not_confirmed_and_comes_again(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await polled(telegram, 1)
        with closing(sqlite3.connect(tmp_path / "studio.db")) as database:
            database.execute("ALTER TABLE inbox RENAME TO stolen")
        await telegram.say(ANNA, "a fox")
        await polled(telegram, telegram.world.updates.polls + 2)
        assert len(telegram.world.updates.waiting) == 1
        [regret] = telegram.messages(ANNA)[1:]
        assert "database is damaged" in regret.text
        assert "Your message waits at Telegram." in regret.text
    with closing(sqlite3.connect(tmp_path / "studio.db")) as database:
        database.execute("ALTER TABLE stolen RENAME TO inbox")
    async with chatting(telegram, tmp_path):
        await telegram.expect(says("a fox"))
        await telegram.say(ANNA, "an owl")
        await telegram.expect(says("an owl"))
    assert len([seen for seen in telegram.messages(ANNA) if seen.photo]) == 2


async def polled(telegram: TelegramEmulator, times: int) -> None:
    async with telegram.world.changed:
        await telegram.world.changed.wait_for(lambda: telegram.world.updates.polls >= times)


async def test_a_press_that_can_no_longer_be_answered_is_carried_out_all_the_same(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("answerCallbackQuery", "status", code=400, reason="query is too old")
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "a fox")
        shown = await telegram.expect(says("a fox"))
        await telegram.press(ANNA, shown.message_id, ANNA, shown.buttons[0][0][1])
        again = await telegram.expect(
            lambda seen: bool(seen.photo) and seen.message_id != shown.message_id
        )
    assert again.reply_to == shown.message_id


async def test_a_button_s_command_typed_without_its_job_is_asked_for_it(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        for name in ("delete", "files", "again", "confirm"):
            asked = await telegram.say(ANNA, f"/{name}")
            await telegram.expect(lambda seen, asked=asked: seen.reply_to == asked)


async def test_what_was_drawn_in_private_is_named_to_nobody_else(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, f"{BOT} a secret fox --private", GROUP)
        shown = await telegram.expect(lambda seen: bool(seen.photo), chat=ANNA)
        job = shown.buttons[0][0][1].partition(":")[2]
        for words in ("/jobs", "/history", f"/show {job}"):
            name, _, rest = words.partition(" ")
            asked = await telegram.say(ANNA, f"{name}{BOT} {rest}", GROUP)
            told = await telegram.expect(lambda seen, asked=asked: seen.reply_to == asked)
            assert "secret" not in told.text, words
            await telegram.say(ANNA, words)
        await telegram.expect(says(f"{job}: done, a secret fox"), chat=ANNA)
        await telegram.expect(says("State: done"), chat=ANNA)


async def test_deleting_takes_no_message_of_another_chat_for_its_own(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with chatting(telegram, tmp_path):
        for _ in range(3):
            await telegram.say(BORIS, "not for the bot", GROUP)  # counts on the numbers of ANNA
        await telegram.say(ANNA, f"{BOT} a cat", FORUM)
        shown = await telegram.expect(lambda seen: bool(seen.photo), chat=FORUM)
        job = shown.buttons[0][0][1].partition(":")[2]
        await telegram.say(ANNA, f"/files {job}")
        file = await telegram.expect(lambda seen: bool(seen.document_name), chat=ANNA)
        while telegram.messages(FORUM)[-1].message_id < file.message_id:
            asked = await telegram.say(BORIS, f"/jobs{BOT}", FORUM)
            await telegram.expect(lambda seen, asked=asked: seen.reply_to == asked, chat=FORUM)
        await telegram.press(ANNA, shown.message_id, FORUM, f"delete:{job}")
        await telegram.expect(says("are deleted"), chat=FORUM)
    left = {seen.message_id for seen in telegram.messages(FORUM)}
    assert (shown.message_id in left, file.message_id in left) == (False, True)
    assert not [seen for seen in telegram.messages(ANNA) if seen.document_name]


async def test_words_that_are_on_their_way_at_the_end_are_not_said_again(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    token = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}
    program = Program(tmp_path, token)
    telegram.fault("sendMessage", "slow", seconds=1)
    async with program.serving() as studio:
        await telegram.say(ANNA, "/jobs")
        await telegram.expect(says("You have no jobs yet"))
        assert await studio.end(signal.SIGTERM) == 0
    async with program.serving():
        await telegram.say(ANNA, "/stop")
        await telegram.expect(says("Only the operator"))
    told = [seen.text for seen in telegram.messages(ANNA) if seen.by_bot]
    assert len(told) == 2, told


async def test_a_status_line_that_nobody_heard_of_gets_no_second_one_beside_it(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    here = platform(telegram)
    telegram.fault("sendMessage", "torn", times=9)

    def messengers(images: ImageStore, finishing: Finishing) -> Mapping[str, Messenger]:
        return {here.name: here.messenger(images, finishing)}

    async with studio_at(tmp_path, messengers) as home, asyncio.TaskGroup() as group:
        polling = group.create_task(here.run(home.studio, home.intake))
        asked = job(address=Address(Chat(here.name, str(ANNA))), locale="en")
        line = StatusLine(home.studio, asked)
        for percent in (10, 20, 30):
            await line.say(Progress(asked.id, Stage.DRAWING, percent=percent))
        polling.cancel()
    assert [seen.text for seen in telegram.messages(ANNA)] == ["Drawing… 10 %"]
