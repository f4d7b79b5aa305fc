"""What the emulated Telegram knows: chats, messages, files, menus."""

import asyncio
import itertools
import mimetypes
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.emulators.telegram_flood import FloodMeter
from tests.emulators.telegram_photos import Size, photo_sizes
from tests.emulators.telegram_rules import DOWNLOAD_BYTES, Json, Refused, bad
from tests.emulators.telegram_updates import Updates

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
SAID = frozenset({"text", "photo", "document", "invoice", "paid_media"})


@dataclass
class Chat:
    """A conversation, with what stands in it now."""

    id: int
    kind: str
    title: str
    numbers: Iterator[int]
    topics: dict[int, str] | None = None
    messages: dict[int, Json] = field(default_factory=dict[int, Json])
    reactions: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    shut: str = ""
    moved_to: int = 0
    bot_is_admin: bool = False
    admins: set[int] = field(default_factory=set[int])
    bot_spoke_last: bool = False

    @property
    def is_private(self) -> bool:
        """Whether only one person is here."""
        return self.kind == "private"

    def wire(self) -> Json:
        """Write the chat as messages carry it."""
        named = "first_name" if self.is_private else "title"
        forum = {"is_forum": True} if self.topics is not None and not self.is_private else {}
        return {"id": self.id, "type": self.kind, named: self.title} | forum


def is_said(message: Json) -> bool:
    """Tell what somebody sent from what the service notes by itself."""
    return not SAID.isdisjoint(message)


@dataclass(frozen=True)
class Kept:
    """A file on the service: what people see, and the upload it was made from."""

    path: str
    data: bytes
    uploaded: bytes


class World:
    """The state that the bot's methods and the people share."""

    def __init__(
        self, bot: Json, broken_rules: list[str], *, privacy: bool, flood: FloodMeter | None
    ) -> None:
        self.bot = bot
        self.broken_rules = broken_rules
        self.privacy = privacy
        self.flood = flood
        self.changed = asyncio.Condition()
        self.updates = Updates(self.changed)
        self.users: dict[int, Json] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, Kept] = {}
        self.media: dict[str, Json] = {}
        self.commands: dict[str, list[Json]] = {}
        self.chat_actions: list[Json] = []
        self.drafts: dict[int, str] = {}
        self.queries: dict[str, Json | None] = {}
        self.invoices: dict[tuple[int, int], str] = {}
        self.charges: dict[str, int | None] = {}
        self._numbers = itertools.count(1)
        self._serials = itertools.count(1)

    async def notify(self) -> None:
        """Wake whoever waits for something to happen."""
        async with self.changed:
            self.changed.notify_all()

    def serial(self) -> int:
        """Make a number that is used once."""
        return next(self._serials)

    def open_query(self) -> str:
        """Make a query that waits for the bot's answer, and return its id."""
        query = str(self.serial() + 4_000_000_000)
        self.queries[query] = None
        return query

    def open(self, chat_id: int, kind: str, title: str, *, topics: bool) -> Chat:
        """Start a conversation; a supergroup numbers its messages by itself."""
        numbers = itertools.count(1) if kind == "supergroup" else self._numbers
        chat = Chat(chat_id, kind, title, numbers, {} if topics else None)
        self.chats[chat_id] = chat
        return chat

    def chat(self, chat_id: str) -> Chat:
        """Find the chat that a bot names, if the bot may write there."""
        if not chat_id:
            raise bad("chat_id is empty")
        found = self.chats.get(int(chat_id)) if chat_id.lstrip("-").isdigit() else None
        if found is None and chat_id.isdigit() and int(chat_id) in self.users:
            raise Refused(403, "bot can't initiate conversation with a user")
        if found is None:
            raise bad("chat not found")
        if found.moved_to:
            raise Refused(
                400,
                "group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=found.moved_to,
            )
        if found.shut:
            raise Refused(403, found.shut)
        return found

    def write(self, chat: Chat, sender: Json, content: Json) -> Json:
        """Put a message into a chat and return it as it goes over the wire."""
        message: Json = {
            "message_id": next(chat.numbers),
            "from": sender,
            "chat": chat.wire(),
            "date": int(time.time()),
            **content,
        }
        chat.messages[message["message_id"]] = message
        chat.bot_spoke_last = sender["id"] == self.bot["id"]
        return message

    def open_topic(self, chat: Chat, opener: Json, name: str) -> Json:
        """Open a topic; its service message has the topic's own number."""
        topic: Json = {"name": name, "icon_color": 7322096}
        message = self.write(chat, opener, {"forum_topic_created": topic})
        thread: int = message["message_id"]
        chat.topics = {**(chat.topics or {}), thread: name}
        message |= {"message_thread_id": thread, "is_topic_message": True}
        return {**topic, "message_thread_id": thread}

    def rewrite(self, chat: Chat, message_id: int, content: Json) -> Json:
        """Replace a message; updates that carry the old one keep it."""
        message = chat.messages[message_id] | content
        shown = {name: value for name, value in message.items() if value is not None}
        chat.messages[message_id] = shown
        return shown

    async def keep_photo(self, data: bytes) -> Json:
        """Store a photo as Telegram does and return it as a message carries it.

        Raises:
            Refused: too heavy, too long, or no picture at all.
        """
        sizes = await asyncio.to_thread(photo_sizes, data)
        block: Json = {"photo": [self._keep_size(size, data) for size in sizes]}
        self.media |= {size["file_id"]: block for size in block["photo"]}
        return block

    def keep_document(self, name: str, data: bytes) -> Json:
        """Store a file untouched and return it as a message carries it."""
        entry = self._keep("BQAC", f"documents/file_{self.serial()}", name, data, data)
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        block: Json = {"document": {**entry, "file_name": name, "mime_type": mime}}
        self.media[entry["file_id"]] = block
        return block

    def kept(self, file_id: str) -> Kept:
        """Find a file by the id that a message gave."""
        if file_id not in self.files:
            raise bad("invalid file_id")
        return self.files[file_id]

    def file(self, file_id: str) -> Json:
        """Say where a file can be downloaded."""
        kept = self.kept(file_id)
        if len(kept.data) > DOWNLOAD_BYTES:
            raise bad("file is too big")
        return self._entry(file_id, kept.data) | {"file_path": kept.path}

    def _keep_size(self, size: Size, upload: bytes) -> Json:
        path = f"photos/file_{self.serial()}"
        entry = self._keep("AgAC", path, "photo.jpg", size.data, upload)
        return {**entry, "width": size.width, "height": size.height}

    def _keep(self, mark: str, path: str, name: str, data: bytes, upload: bytes) -> Json:
        file_id = f"{mark}AgIAAxkBAAI{self.serial():06d}"
        ending = f".{name.rsplit('.', 1)[1]}" if "." in name else ""
        self.files[file_id] = Kept(path + ending, data, upload)
        return self._entry(file_id, data)

    def _entry(self, file_id: str, data: bytes) -> Json:
        return {"file_id": file_id, "file_unique_id": f"AQAD{file_id[-6:]}", "file_size": len(data)}
