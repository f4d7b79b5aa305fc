"""What a bot can do by name: the methods that send."""

from collections.abc import Awaitable, Callable

from tests.emulators.telegram_entities import formatted
from tests.emulators.telegram_rules import (
    CHAT_ACTIONS,
    Json,
    Refused,
    bad,
    check_caption,
    check_keyboard,
    check_text,
)
from tests.emulators.telegram_wire import Parameters
from tests.emulators.telegram_world import Chat, World

Method = Callable[[World, Parameters], Awaitable[object]]


async def get_me(world: World, _: Parameters) -> Json:
    """Say who the bot is."""
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": True,
    }


async def send_message(world: World, sent: Parameters) -> Json:
    """Write text into a chat."""
    written = words(sent, "text", "entities")
    check_text(written["text"])
    return post(world, sent, written)


async def send_photo(world: World, sent: Parameters) -> Json:
    """Send a picture as a photo."""
    return await _send_media(world, sent, "photo")


async def send_document(world: World, sent: Parameters) -> Json:
    """Send a file as it is."""
    return await _send_media(world, sent, "document")


async def send_media_group(world: World, sent: Parameters) -> list[Json]:
    """Send up to ten photos, or up to ten documents, as one album."""
    items: list[Json] = sent.value("media") or []
    _check_album(world, sent, items)
    contents = [await album_item(world, sent, item, at) for at, item in enumerate(items, 1)]
    place = placed(world, sent)
    group = {"media_group_id": str(world.serial() + 13_000_000_000)} if len(items) > 1 else {}
    return [_write(world, sent, {**place, **group, **content}) for content in contents]


async def send_chat_action(world: World, sent: Parameters) -> bool:
    """Show that the bot is busy."""
    chat = world.chat(sent.text("chat_id"))
    thread = _thread(chat, sent.integer("message_thread_id"))
    if sent.text("action") not in CHAT_ACTIONS.split():
        raise bad("wrong parameter action in request")
    world.chat_actions.append(
        {"chat_id": chat.id, "action": sent.text("action"), "message_thread_id": thread}
    )
    return True


async def send_message_draft(world: World, sent: Parameters) -> bool:
    """Show a text that is still being written, to one person."""
    chat = world.chat(sent.text("chat_id"))
    _thread(chat, sent.integer("message_thread_id"))
    if not chat.is_private:
        raise bad("TEXTDRAFT_PEER_INVALID")
    if not sent.integer("draft_id"):
        raise bad("draft identifier must be non-zero")
    world.drafts[chat.id] = words(sent, "text", "entities")["text"]
    return True


def words(sent: Parameters, name: str, entities_name: str) -> Json:
    """Read formatted text as a message carries it, under the same names."""
    read = formatted(sent.text(name), sent.text("parse_mode"), sent.value(entities_name))
    return {name: read.text} | ({entities_name: read.entities} if read.entities else {})


def caption(sent: Parameters) -> Json:
    """Read a caption; an empty one is none."""
    read = words(sent, "caption", "caption_entities")
    check_caption(read["caption"])
    return read if read["caption"] else {}


async def media(world: World, sent: Parameters, kind: str, named: str) -> Json:
    """Find the photo or document that is uploaded or known by its id."""
    upload = sent.upload(named)
    if upload is None:
        return _known_media(world, kind, named)
    if kind == "photo":
        return await world.keep_photo(upload.data)
    return world.keep_document(upload.name, upload.data)


async def album_item(world: World, sent: Parameters, item: Json, position: int) -> Json:
    """Read one item of an album; what the servers refuse is told with its position."""
    try:
        content = await input_media(world, sent, item)
    except Refused as refused:
        reason = refused.description.removeprefix("Bad Request: ")
        if reason.isupper():
            raise bad(
                f'failed to send message #{position} with the error message "{reason}"'
            ) from None
        raise
    return content


async def input_media(world: World, sent: Parameters, item: Json) -> Json:
    """Read an InputMedia object: its file and its caption."""
    if item.get("type") not in {"photo", "document"}:
        raise bad(f'can\'t parse InputMedia: type "{item.get("type")}" is unsupported')
    named = str(item.get("media", ""))
    if named.startswith("attach://") and sent.upload(named) is None:
        raise bad("can't parse InputMedia: media not found")
    written = caption(Parameters(item))
    return await media(world, sent, item["type"], named) | written


def placed(world: World, sent: Parameters) -> Json:
    """Check where a message should go, and say what it carries from there."""
    chat = world.chat(sent.text("chat_id"))
    thread = _thread(chat, sent.integer("message_thread_id"))
    topic = {"message_thread_id": thread, "is_topic_message": True} if thread else {}
    return topic | _reply(chat, sent)


def post(world: World, sent: Parameters, content: Json) -> Json:
    """Write the bot's message where the call says."""
    rows = check_keyboard(sent.value("reply_markup"))
    keyboard: Json = {"reply_markup": {"inline_keyboard": rows}} if rows else {}
    return _write(world, sent, {**placed(world, sent), **content, **keyboard})


def _write(world: World, sent: Parameters, content: Json) -> Json:
    chat = world.chat(sent.text("chat_id"))
    if world.flood:
        world.flood.message(chat.id, group=not chat.is_private)
    world.drafts.pop(chat.id, None)
    return world.write(chat, world.bot, content)


async def _send_media(world: World, sent: Parameters, kind: str) -> Json:
    named = sent.text(kind) or kind
    if named == kind and sent.upload(kind) is None:
        raise bad(f"there is no {kind} in the request")
    written = caption(sent)
    return post(world, sent, await media(world, sent, kind, named) | written)


def _known_media(world: World, kind: str, file_id: str) -> Json:
    known = world.media.get(file_id)
    if known is None:
        raise bad("wrong file identifier/HTTP URL specified")
    if kind not in known:
        other = next(iter(known)).title()
        raise bad(f"can't use file of type {other} as {kind.title()}")
    return known


def _check_album(world: World, sent: Parameters, items: list[Json]) -> None:
    if not items:
        raise bad("there are no messages to send")
    if len(items) > 10:
        raise bad("too many messages to send as an album")
    if len({item.get("type") for item in items}) > 1:
        raise bad("document can't be mixed with other media types")
    if len(items) == 1:
        world.broken_rules.append("sendMediaGroup: an album must have 2-10 items")
    if sent.text("reply_markup"):
        world.broken_rules.append("sendMediaGroup: an album takes no reply_markup")


def _thread(chat: Chat, thread: int) -> int:
    if thread and thread not in (chat.topics or {}):
        raise bad("message thread not found")
    return thread


def _reply(chat: Chat, sent: Parameters) -> Json:
    asked: Json = sent.value("reply_parameters") or {}
    if not asked:
        return {}
    target = chat.messages.get(int(asked.get("message_id", 0)))
    if target is None and not asked.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return {"reply_to_message": quoted(target)} if target else {}


def settle_query(world: World, query: str, answer: Json) -> bool:
    """Record the answer to a query; only the first one counts."""
    if query not in world.queries or world.queries[query] is not None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    world.queries[query] = answer
    return True


def quoted(message: Json) -> Json:
    """Show a message inside a reply: without what it replies to itself."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


SENDING: dict[str, Method] = {
    "getMe": get_me,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "sendChatAction": send_chat_action,
    "sendMessageDraft": send_message_draft,
}
