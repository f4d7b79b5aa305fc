"""What a bot can do by name: edits, deletions, answers, files and menus."""

import json
import time

from tests.emulators.telegram_methods import Method, caption, input_media, settle_query, words
from tests.emulators.telegram_rules import (
    ADMIN_RIGHTS,
    Json,
    bad,
    check_commands,
    check_keyboard,
    check_reactions,
    check_text,
    utf16_length,
)
from tests.emulators.telegram_wire import Parameters
from tests.emulators.telegram_world import NOT_MODIFIED, Chat, World

MEDIA = ("photo", "document")
COMPARED = ("text", "entities", "caption", "caption_entities", "reply_markup", *MEDIA)


async def edit_message_text(world: World, sent: Parameters) -> Json | bool:
    """Replace the words of a text message."""
    written = words(sent, "text", "entities")
    check_text(written["text"])
    return _edit(world, sent, {"entities": None, **written}, needs=("text",))


async def edit_message_caption(world: World, sent: Parameters) -> Json | bool:
    """Replace the words under a photo or document."""
    cleared: Json = {"caption": None, "caption_entities": None}
    return _edit(world, sent, {**cleared, **caption(sent)}, needs=MEDIA)


async def edit_message_media(world: World, sent: Parameters) -> Json | bool:
    """Replace a photo or document, with its caption."""
    item: Json = sent.value("media") or {}
    if sent.text("inline_message_id") and str(item.get("media", "")).startswith("attach://"):
        raise bad("can't upload a file to an inline message")
    content = await input_media(world, sent, item)
    _check_album_kind(world, sent, item)
    names = (*MEDIA, "caption", "caption_entities", "text", "entities")
    return _edit(world, sent, {**dict.fromkeys(names), **content}, needs=(*MEDIA, "text"))


async def edit_message_reply_markup(world: World, sent: Parameters) -> Json | bool:
    """Replace the buttons."""
    return _edit(world, sent, {}, needs=("message_id",))


async def delete_message(world: World, sent: Parameters) -> bool:
    """Take a message away."""
    chat = world.chat(sent.text("chat_id"))
    message = chat.messages.get(sent.integer("message_id"))
    if message is None:
        raise bad("message to delete not found")
    if not (_is_own(world, message) or chat.is_private or chat.bot_is_admin):
        raise bad("message can't be deleted")
    del chat.messages[message["message_id"]]
    return True


async def set_message_reaction(world: World, sent: Parameters) -> bool:
    """Put one emoji under a message."""
    chat = world.chat(sent.text("chat_id"))
    if sent.integer("message_id") not in chat.messages:
        raise bad("message to react not found")
    emoji = check_reactions(sent.value("reaction") or [])
    chat.reactions[sent.integer("message_id")] = emoji
    return True


async def answer_callback_query(world: World, sent: Parameters) -> bool:
    """Tell the person who pressed a button; only the first answer counts."""
    if utf16_length(sent.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    answer = {"text": sent.text("text"), "show_alert": sent.flag("show_alert")}
    return settle_query(world, sent.text("callback_query_id"), answer)


async def get_file(world: World, sent: Parameters) -> Json:
    """Say where a file can be downloaded."""
    return world.file(sent.text("file_id"))


async def set_my_commands(world: World, sent: Parameters) -> bool:
    """Publish a menu for one scope and language."""
    world.commands[_menu(sent)] = check_commands(sent.value("commands"))
    return True


async def get_my_commands(world: World, sent: Parameters) -> list[Json]:
    """Read the menu of exactly one scope and language."""
    return world.commands.get(_menu(sent), [])


async def delete_my_commands(world: World, sent: Parameters) -> bool:
    """Take the menu of one scope and language away."""
    world.commands.pop(_menu(sent), None)
    return True


async def create_forum_topic(world: World, sent: Parameters) -> Json:
    """Open a topic in a forum."""
    chat = world.chat(sent.text("chat_id"))
    if chat.topics is None:
        raise bad("the chat is not a forum")
    if not chat.is_private and not chat.bot_is_admin:
        raise bad("not enough rights to create a topic")
    name = sent.text("name").strip()
    if not 1 <= utf16_length(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    return world.open_topic(chat, world.bot, name)


def _menu(sent: Parameters) -> str:
    scope: Json = sent.value("scope") or {"type": "default"}
    place = ":".join(str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope)
    return f"{place}/{sent.text('language_code')}"


def _is_own(world: World, message: Json) -> bool:
    return message["from"]["id"] == world.bot["id"]


def _edit(world: World, sent: Parameters, content: Json, needs: tuple[str, ...]) -> Json | bool:
    rows = check_keyboard(sent.value("reply_markup"))
    if sent.text("inline_message_id"):
        return True
    chat = world.chat(sent.text("chat_id"))
    message = _editable(world, chat, sent.integer("message_id"), needs)
    edited = content | {"reply_markup": {"inline_keyboard": rows} if rows else None}
    if _same(message, message | edited):
        raise bad(NOT_MODIFIED)
    if world.flood:
        world.flood.edit(chat.id, group=not chat.is_private)
    dated = {"edit_date": int(time.time())} if content else {}
    return world.rewrite(chat, message["message_id"], edited | dated)


def _editable(world: World, chat: Chat, message_id: int, needs: tuple[str, ...]) -> Json:
    message = chat.messages.get(message_id)
    if message is None:
        raise bad("message to edit not found")
    if not _is_own(world, message):
        raise bad("message can't be edited")
    if not any(name in message for name in needs):
        what = "text" if needs == ("text",) else "caption"
        raise bad(f"there is no {what} in the message to edit")
    return message


def _check_album_kind(world: World, sent: Parameters, item: Json) -> None:
    chat = world.chats.get(sent.integer("chat_id"))
    message = chat.messages.get(sent.integer("message_id"), {}) if chat else {}
    if "media_group_id" in message and item.get("type") not in message:
        raise bad("can't change media type in the album")


def _same(old: Json, new: Json) -> bool:
    """Compare what people see; equal objects hide equal JSON."""
    return all(
        json.dumps(old.get(name), sort_keys=True) == json.dumps(new.get(name), sort_keys=True)
        for name in COMPARED
    )


async def get_chat_member(world: World, sent: Parameters) -> Json:
    """Say what a person is in a chat."""
    chat = world.chat(sent.text("chat_id"))
    person = world.users.get(sent.integer("user_id"))
    if person is None or (chat.is_private and person["id"] != chat.id):
        raise bad("PARTICIPANT_ID_INVALID")
    if person["id"] not in chat.admins:
        return {"user": person, "status": "member"}
    rights = {name: name == "can_delete_messages" for name in ADMIN_RIGHTS.split()}
    return {"user": person, "status": "administrator", "is_anonymous": False, **rights}


CHANGING: dict[str, Method] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "setMessageReaction": set_message_reaction,
    "answerCallbackQuery": answer_callback_query,
    "getFile": get_file,
    "getChatMember": get_chat_member,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "createForumTopic": create_forum_topic,
}
