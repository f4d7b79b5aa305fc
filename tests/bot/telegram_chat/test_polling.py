"""Taking asks in: whatever breaks, none is lost, none is done twice, and no token is told."""

import logging
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.telegram_chat.inbound import Reader
from bot.telegram_chat.persistence import RIVAL
from bot.telegram_chat.platform import Telegram
from bot.telegram_chat.update import read
from bot.telegram_chat.wire import TelegramBot
from core.commands import COMMANDS
from core.errors import ConfigError
from core.ports import Pace
from tests.bot.telegram_chat.home import ANNA, chatting, people, platform
from tests.dialogs.dialog import come_true
from tests.emulators.telegram import TelegramEmulator
from tests.studio import studio_at

CANARY = "1001:canary-SECRET_token"


async def test_the_status_line_moves_and_gives_way_to_the_result(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    pace = Pace(first_after=0, every=0.001, typing_every=0.001)
    async with chatting(telegram, tmp_path, pace=pace):
        asked = await telegram.say(ANNA, "a fox -n 3")
        line = await telegram.expect(lambda seen: seen.labels == ("✖️ Cancel",))
        moved = await telegram.expect(lambda seen: seen.edited)
        await telegram.expect(lambda seen: seen.text == "What next?")
        shown = telegram.world.chats[ANNA].messages
        async with telegram.world.changed:
            await telegram.world.changed.wait_for(lambda: line.message_id not in shown)
    assert (line.reply_to, moved.message_id) == (asked, line.message_id)
    assert moved.text.startswith(("Drawing", "Fetching"))


async def test_trouble_on_the_line_loses_no_asking(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("getMe", "status", code=502)
    telegram.fault("setMyCommands", "status", code=500)
    for fault in ("drop_before", "accept_then_drop", "torn"):
        telegram.fault("getUpdates", fault)
    telegram.fault("getUpdates", "status", code=502)
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "a fox")
        await telegram.expect(lambda seen: seen.photo is not None)


async def test_what_a_crash_left_unanswered_is_answered_once(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    await telegram.say(ANNA, "a fox")
    update = read(telegram.world.updates.waiting[0])
    assert update
    ask = Reader(1001, "nano_banana_bot", COMMANDS).ask(update)
    assert ask
    async with studio_at(tmp_path, lambda _, __: {}) as home:
        await home.intake.put([ask])
    async with chatting(telegram, tmp_path):
        await telegram.expect(lambda seen: seen.photo is not None)
        await telegram.say(ANNA, "/models")
        await telegram.expect(lambda seen: "Models here" in seen.text)
    assert len([seen for seen in telegram.messages(ANNA) if seen.photo]) == 1


async def test_a_wrong_token_stops_the_chat_with_a_remedy(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("getUpdates", "status", code=401)
    async with studio_at(tmp_path, lambda _, __: {}) as home:
        with pytest.raises(ConfigError, match="does not know this token") as stopped:
            await platform(telegram).run(home.studio, home.intake)
    assert stopped.value.values["variable"] == "TELEGRAM_BOT_TOKEN"


async def test_a_rival_is_told_of_loses_no_asking_and_is_outlasted(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async def answered() -> None:
        asked = await telegram.say(ANNA, "/help")
        await telegram.expect(lambda seen: seen.reply_to == asked)

    with capture_logs() as logs:
        async with chatting(telegram, tmp_path / "first") as first:
            await answered()
            async with chatting(telegram, tmp_path / "second"):
                await come_true(lambda: conflicts(logs))
                for _ in range(5):
                    await answered()
            before = len(conflicts(logs))
            async with TelegramBot(telegram.token, telegram.url) as rival:
                await rival.updates(0, 0)
            await come_true(lambda: len(conflicts(logs)) > before)
            contested = await first.check()
            await answered()
            alone = await first.check()
    assert "another program uses this token; stop it" in conflicts(logs)[0]["remedy"]
    assert (contested.ok, contested.detail, alone.ok) == (False, RIVAL, True)


async def test_whoever_comes_second_with_a_token_ends_and_the_first_goes_on(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    newcomer = Telegram(telegram.token, telegram.url)
    async with chatting(telegram, tmp_path / "first"):
        async with studio_at(tmp_path / "second", lambda _, __: {}) as home:
            with pytest.raises(ConfigError, match="another program uses this token") as stopped:
                await newcomer.run(home.studio, home.intake)
        asked = await telegram.say(ANNA, "/help")
        await telegram.expect(lambda seen: seen.reply_to == asked)
    assert stopped.value.values["variable"] == "TELEGRAM_BOT_TOKEN"


def conflicts(logs: Sequence[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    return [log for log in logs if log["event"] == "telegram_polled_twice"]


async def test_a_webhook_of_earlier_days_does_not_keep_updates_away(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.world.updates.webhook = {"url": "https://old.example"}
    async with chatting(telegram, tmp_path):
        await telegram.say(ANNA, "/help")
        await telegram.expect(lambda seen: "Commands:" in seen.text)


async def test_menus_are_written_once_and_follow_the_commands(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    for _ in range(2):
        async with chatting(telegram, tmp_path):
            await telegram.say(ANNA, "/help")
            await telegram.expect(lambda seen: "Commands:" in seen.text)
    scopes = {f"{scope}/" for scope in ("all_private_chats", "all_group_chats")}
    assert scopes <= set(telegram.commands)
    assert len(telegram.called("POST", "setMyCommands")) == len(telegram.commands)
    listed = [one.name for one in COMMANDS if one.listed and not one.for_operators]
    menu = telegram.commands["all_private_chats/"]
    assert [each["command"] for each in menu] == listed
    assert menu[0]["description"] == "Make pictures from words"


async def test_no_log_and_no_error_tells_the_token(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with TelegramEmulator(CANARY) as telegram:
        people(telegram)
        telegram.fault("getUpdates", "drop_before")
        async with chatting(telegram, tmp_path):
            await telegram.say(ANNA, "a fox")
            await telegram.expect(lambda seen: seen.photo is not None)
        wrong = await platform(telegram, CANARY.replace("1001", "1002")).check()
    silent = await platform(telegram, CANARY).check()
    bot = TelegramBot(CANARY, telegram.url)
    assert (wrong.ok, silent.ok) == (False, False)
    out, err = capsys.readouterr()
    told = [caplog.text, out, err, wrong.detail, silent.detail, repr(bot), bot.base_url]
    everything = "\n".join([*told, bot.base_file_url])
    assert "httpx" in everything
    assert "canary" not in everything


async def test_the_doctor_hears_the_bots_name(telegram: TelegramEmulator) -> None:
    health = await platform(telegram).check()
    assert (health.ok, health.detail) == (True, "@nano_banana_bot")
