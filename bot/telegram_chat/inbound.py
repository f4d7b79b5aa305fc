"""What Telegram tells -> what the studio is asked: a message, or a pressed button."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.telegram_chat.update import Entity, File, Message, Person, Press, Update
from core import grammar
from core.command import Command
from core.context import Address, Ask, Attachment, Chat, Context, User
from core.errors import StudioError

PLATFORM = "telegram"
START = "start"
"""What Telegram itself says when somebody opens the bot, with what stood in the link if any."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads updates as the bot of this id and name, which knows these commands."""

    id: int
    username: str
    commands: Sequence[type[Command]]

    def ask(self, update: Update) -> Ask | None:
        """Say what is asked of the studio; None when nothing is."""
        request = f"{PLATFORM}:{self.id}:{update.update_id}"
        if update.callback_query is not None:
            return self._pressed(update.callback_query, request)
        if update.message is not None:
            return self._said(update.message, request)
        return None

    def _pressed(self, press: Press, request: str) -> Ask | None:
        if press.message is None or press.sender.is_bot:
            return None
        try:
            command = grammar.press(press.data, self.commands).record()
        except StudioError:
            return None  # a button of another version, or a forged one
        context = _context(press.message, press.sender, request)
        return Ask(context=replace(context, replied_to="", attachments=()), command=command)

    def _said(self, message: Message, request: str) -> Ask | None:
        sender = message.sender
        if sender is None or sender.is_bot or message.forward_origin is not None:
            return None
        if not (message.text or message.caption or message.photo or message.document):
            return None
        if message.media_group_id is not None and not message.caption:
            return None  # the album's other photos: one asking is answered once
        words = self._meant(message)
        if words is None:
            return None
        return Ask(context=_context(message, sender, request), words=words)

    def _meant(self, message: Message) -> str | None:
        """Return the words without the bot's name; None when they are not for the bot."""
        words = message.text or message.caption
        entities = message.entities or message.caption_entities
        if words.startswith("/"):
            return self._command(words, private=message.chat.type == "private")
        for entity in entities:
            if self._is_me(entity, words):
                return _without(words, entity)
        if message.chat.type == "private" or self._is_answered(message):
            return words
        return None

    def _command(self, words: str, *, private: bool) -> str | None:
        head, *rest = words.split(maxsplit=1)
        name, at, bot = head.removeprefix("/").lower().partition("@")
        if at and bot != self.username.lower():
            return None
        listed = {command.name for command in self.commands if command.listed}
        if not (at or private or name in listed | {START}):
            return None  # in a group it may be any other bot's
        if name == START:
            # The link t.me/BOT?start=CODE brings an invitation.
            return " ".join(["/join", *rest]) if rest else "/help"
        return " ".join([f"/{name}", *rest])

    def _is_me(self, entity: Entity, words: str) -> bool:
        if entity.type == "text_mention":
            return entity.user is not None and entity.user.id == self.id
        if entity.type != "mention":
            return False
        return _part(words, entity).lower() == f"@{self.username.lower()}"

    def _is_answered(self, message: Message) -> bool:
        quoted = message.reply_to_message
        if quoted is None or quoted.forum_topic_created is not None or quoted.sender is None:
            return False
        return quoted.sender.id == self.id


def _context(message: Message, sender: Person, request: str) -> Context:
    thread = message.message_thread_id if message.is_topic_message else None
    quoted = message.reply_to_message
    answers = quoted is not None and quoted.forum_topic_created is None
    private = message.chat.type == "private"
    return Context(
        request=request,
        address=Address(
            Chat(PLATFORM, str(message.chat.id), str(thread or "")),
            reply_to=str(message.message_id),
            ticket="" if private else str(sender.id),
        ),
        user=User(PLATFORM, str(sender.id), sender.first_name),
        locale=sender.language_code,
        replied_to=str(quoted.message_id) if quoted and answers else "",
        overheard=not private,
        attachments=tuple(_attachments(message)),
    )


def _attachments(message: Message) -> list[Attachment]:
    """Take the largest size of a photo, and a document as it is."""
    files: list[File] = [*message.photo[-1:], *filter(None, [message.document])]
    return [Attachment(one.file_id, one.mime_type, one.file_size) for one in files]


def _units(words: str) -> bytes:
    return words.encode("utf-16-le")


def _part(words: str, entity: Entity) -> str:
    part = _units(words)[2 * entity.offset : 2 * (entity.offset + entity.length)]
    return part.decode("utf-16-le", "replace")


def _without(words: str, entity: Entity) -> str:
    """Cut the bot's name out, with the comma that people put behind it."""
    units = _units(words)
    before = units[: 2 * entity.offset].decode("utf-16-le", "replace")
    after = units[2 * (entity.offset + entity.length) :].decode("utf-16-le", "replace")
    return f"{before.rstrip()} {after.lstrip(' ,:')}".strip()
