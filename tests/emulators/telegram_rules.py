"""Telegram's limits and the words in which it refuses."""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
BUTTONS_LIMIT = 100
BUTTON_ACTIONS = (
    "callback_data",
    "url",
    "copy_text",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "web_app",
    "login_url",
    "pay",
    "callback_game",
)
CHAT_ACTIONS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
)
ADMIN_RIGHTS = (
    "can_be_edited can_manage_chat can_delete_messages can_manage_video_chats "
    "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
    "can_edit_stories can_delete_stories"
)
REACTIONS = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 "
    "😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 "
    "👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 "
    "🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
KINDS_OF_ERROR = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


class Refused(Exception):
    """An answer that is not ok, in Telegram's wording."""

    def __init__(self, code: int, reason: str = "", **parameters: int) -> None:
        kind = KINDS_OF_ERROR.get(code, "")
        self.code = code
        self.description = ": ".join(part for part in (kind, reason) if part)
        self.parameters = parameters
        super().__init__(self.description)

    def wire(self) -> Json:
        """Write the refusal as the service answers it."""
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def bad(reason: str) -> Refused:
    """Refuse a request that can never succeed as it is."""
    return Refused(400, reason)


def flooded(seconds: int) -> Refused:
    """Refuse for a while."""
    return Refused(429, f"retry after {seconds}", retry_after=seconds)


def utf16_length(text: str) -> int:
    """Count as Telegram does: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def check_text(text: str) -> None:
    """Refuse a message without words or with too many."""
    if not text:
        raise bad("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad("message is too long")


def check_caption(text: str) -> None:
    """Refuse a caption with too many words."""
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad("message caption is too long")


def check_keyboard(markup: object) -> list[list[Json]]:
    """Return the rows of an inline keyboard, empty for any other markup."""
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows: list[list[Json]] = markup.get("inline_keyboard", [])
    if sum(len(row) for row in rows) > BUTTONS_LIMIT:
        raise bad("REPLY_MARKUP_TOO_LONG")
    for row in rows:
        for button in row:
            _check_button(button)
    return [row for row in rows if row]


def _check_button(button: Json) -> None:
    actions = [name for name in BUTTON_ACTIONS if name in button]
    if not str(button.get("text", "")).strip():
        raise bad("BUTTON_TEXT_INVALID")
    if not actions:
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad("BUTTON_TYPE_INVALID")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 1 <= utf16_length(button["copy_text"]["text"]) <= 256:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    if "url" in button and not button["url"].startswith(("http://", "https://", "tg://")):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def check_commands(commands: object) -> list[Json]:
    """Return the commands of a menu that Telegram accepts."""
    if not isinstance(commands, list):
        raise bad("can't parse list of bot commands JSON object")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/")
        if not (1 <= len(name) <= 32 and name.isascii() and set(name) <= _COMMAND_LETTERS):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(command.get("description", "").strip()) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


_COMMAND_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def check_reactions(reactions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the emoji that a bot puts under a message: one at most, from the fixed list."""
    if len(reactions) > 1:
        raise bad("REACTIONS_TOO_MANY")
    emoji = [str(reaction.get("emoji", "")).replace("\ufe0f", "") for reaction in reactions]
    if not set(emoji) <= set(REACTIONS.split()):
        raise bad("REACTION_INVALID")
    return emoji
