"""How the emulated Telegram fails on request, and what it says of wrong calls."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from telegram import Bot
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from tests.emulators.pictures import plain_picture
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_cast import ANNA, connect


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
            await bot.send_message(ANNA, f"{number}", read_timeout=0.1 if number > 2 else 30)
        errors.append(type(failed.value))
    assert errors == [NetworkError, NetworkError, TelegramError, TimedOut, TimedOut]
    assert [each.text for each in telegram.messages(ANNA)] == ["1", "2", "3"]


@pytest.mark.usefixtures("seconds_as_timedelta")
async def test_a_fault_can_be_any_status(telegram: TelegramEmulator, bot: Bot) -> None:
    telegram.fault("sendPhoto", "status", code=429, retry_after=7)
    telegram.fault("sendPhoto", "status", code=500)
    telegram.fault("getUpdates", "status", code=502)
    with pytest.raises(RetryAfter, match="Retry in 0:00:07"):
        await bot.send_photo(ANNA, plain_picture())
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_photo(ANNA, plain_picture())
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.get_updates()
    assert telegram.messages(ANNA) == []


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


async def test_a_call_is_held_against_the_published_description(tmp_path: Path) -> None:
    fields = [{"name": "chat_id", "types": ["Integer"], "required": True}]
    method = {"fields": fields, "returns": ["Boolean"]}
    described = tmp_path / "api.json"
    described.write_text(json.dumps({"methods": {"sendChatAction": method}, "types": {}}))
    async with (
        TelegramEmulator(spec=described) as telegram,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        address = f"{telegram.url}/bot{telegram.token}/sendChatAction"
        await client.post(address, json={"chat_id": "Anna", "action": "typing"})
    assert telegram.broken_rules == [
        "sendChatAction: unknown parameter action",
        "sendChatAction.chat_id: not JSON",
    ]
