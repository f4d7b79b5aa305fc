"""What a person sees in a chat now."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.emulators.telegram_rules import Json
from tests.emulators.telegram_world import Chat, World, is_said


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as a person sees it.

    `photo` is the largest size that Telegram made of `uploaded`; a document arrives as uploaded.
    """

    message_id: int
    chat: int
    sender: int
    by_bot: bool
    text: str
    caption: str
    photo: bytes | None = field(repr=False)
    uploaded: bytes | None = field(repr=False)
    document: bytes | None = field(repr=False)
    document_name: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]
    reply_to: int | None
    thread: int | None
    album: str
    edited: bool
    reactions: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The words on the buttons, row by row."""
        return tuple(label for row in self.buttons for label, _ in row)

    @property
    def line(self) -> str:
        """The message in one line, for a failing test to print."""
        parts = [f"#{self.message_id}", "bot:" if self.by_bot else f"{self.sender}:"]
        parts += [f"[photo {len(self.photo)} bytes]"] if self.photo else []
        parts += [f"[{self.document_name}]"] if self.document else []
        parts += [self.text or self.caption, *(f"({label})" for label in self.labels)]
        return " ".join(part for part in parts if part)


def seen(world: World, chat: Chat, message: Json) -> Seen:
    """Show one message."""
    photo = world.files[message["photo"][-1]["file_id"]] if "photo" in message else None
    document = message.get("document")
    reply = message.get("reply_to_message", {})
    return Seen(
        message_id=message["message_id"],
        chat=chat.id,
        sender=message["from"]["id"],
        by_bot=message["from"]["id"] == world.bot["id"],
        text=message.get("text") or message.get("invoice", {}).get("title", ""),
        caption=message.get("caption", ""),
        photo=photo.data if photo else None,
        uploaded=photo.uploaded if photo else None,
        document=world.files[document["file_id"]].data if document else None,
        document_name=document["file_name"] if document else "",
        buttons=tuple(_row(row) for row in _rows(message)),
        reply_to=None if "forum_topic_created" in reply else reply.get("message_id"),
        thread=message.get("message_thread_id"),
        album=message.get("media_group_id", ""),
        edited="edit_date" in message,
        reactions=tuple(chat.reactions.get(message["message_id"], ())),
    )


def visible(world: World, chat: Chat, thread: int | None = None) -> list[Seen]:
    """Show what people wrote in a chat, or in one topic of it, in order."""
    everything = (
        seen(world, chat, message) for message in chat.messages.values() if is_said(message)
    )
    return [each for each in everything if thread is None or each.thread == thread]


def printed(world: World, chats: Iterable[Chat]) -> str:
    """Print chats as they look now."""
    blocks = [
        "\n  ".join(
            [f"chat {chat.id} ({chat.title}):", *(each.line for each in visible(world, chat))]
        )
        for chat in chats
    ]
    return "\n".join(blocks) or "no chats"


def _rows(message: Json) -> list[list[Json]]:
    return message.get("reply_markup", {}).get("inline_keyboard", [])


def _row(row: list[Json]) -> tuple[tuple[str, str], ...]:
    return tuple((button["text"], _action(button)) for button in row)


def _action(button: Json) -> str:
    copied = button.get("copy_text", {}).get("text", "")
    return button.get("callback_data") or button.get("url") or copied
