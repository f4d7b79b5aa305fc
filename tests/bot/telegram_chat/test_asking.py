"""From a message to a picture."""

from pathlib import Path

from tests.bot.telegram_chat.chat import ANNA, chatting
from tests.emulators.telegram import TelegramEmulator


async def test_a_direct_message_is_a_prompt(telegram: TelegramEmulator, tmp_path: Path) -> None:
    async with chatting(telegram, tmp_path):
        asked = await telegram.say(ANNA, "a red fox in the snow")
        shown = await telegram.expect(lambda seen: seen.photo is not None)
    assert shown.reply_to == asked
    assert shown.caption.startswith("a red fox in the snow\n")
    assert shown.labels == (
        "🔄 Again", "✨ Vary 1", "⬆️ Upscale 1", "📎 As file", "ℹ️ Details", "🗑️ Delete"
    )
