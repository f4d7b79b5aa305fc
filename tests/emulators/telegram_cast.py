"""Who and where the tests of the emulated Telegram play."""

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.request import HTTPXRequest

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


def button(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data=data)]])


async def next_update(bot: Bot, after: Update | None = None) -> Update:
    updates = await bot.get_updates(offset=after.update_id + 1 if after else None, timeout=15)
    return updates[0]
