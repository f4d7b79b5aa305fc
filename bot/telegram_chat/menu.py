"""The command menu: the studio's listed commands, per scope and language."""

from collections.abc import Iterable

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from bot.strings import FALLBACK, locales, text
from bot.telegram_chat.wire import TelegramBot
from core.command import Command

Commands = Iterable[type[Command]]


async def publish(bot: TelegramBot, commands: Commands) -> None:
    """Bring Telegram's menus up to date; one that is right already is left alone."""
    listed = [one for one in commands if one.listed and not one.for_operators]
    for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
        for locale in locales():
            await _publish(bot, listed, scope, locale)


async def _publish(
    bot: TelegramBot, commands: Commands, scope: BotCommandScope, locale: str
) -> None:
    wanted = tuple(BotCommand(one.name, text(f"command.{one.name}", locale)) for one in commands)
    language = None if locale == FALLBACK else locale  # the menu of no language serves the rest
    if await bot.get_my_commands(scope, language) != wanted:
        await bot.set_my_commands(wanted, scope, language)
