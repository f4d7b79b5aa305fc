"""The people: what they write, press and send, and what of it reaches the bot."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.emulators.telegram_entities import formatted
from tests.emulators.telegram_methods import quoted
from tests.emulators.telegram_rules import Json
from tests.emulators.telegram_view import printed
from tests.emulators.telegram_world import Chat, World, is_said

FIRST_SUPERGROUP = -1_000_000_000_000


class People:
    """The user side of the emulator; every person and chat is named by its id."""

    world: World
    mentions_pass: bool

    def user(
        self, user_id: int, first_name: str, language_code: str = "en", *, is_bot: bool = False
    ) -> int:
        """Introduce a person, or another bot, and return the id."""
        self.world.users[user_id] = {
            "id": user_id,
            "is_bot": is_bot,
            "first_name": first_name,
            "username": f"{first_name.lower()}_{user_id}",
            "language_code": language_code,
        }
        return user_id

    def dm(self, user: int, *, topics: bool = False) -> int:
        """Open the private chat of a person with the bot and return its id."""
        name = self.world.users[user]["first_name"]
        return self.world.open(user, "private", name, topics=topics).id

    def group(self, chat_id: int, title: str, *, topics: bool = False, admin: bool = False) -> int:
        """Open a group with the bot in it, as an admin if said; a forum is a supergroup."""
        kind = "supergroup" if topics or chat_id < FIRST_SUPERGROUP else "group"
        chat = self.world.open(chat_id, kind, title, topics=topics)
        chat.bot_is_admin = admin
        return chat.id

    def promote(self, chat: int, user: int) -> None:
        """Make a person an admin of a group."""
        self.world.chats[chat].admins.add(user)

    def topic(self, chat: int, name: str, user: int | None = None) -> int:
        """Open a topic in a forum and return its thread id."""
        opener = self.world.users[user] if user else next(iter(self.world.users.values()))
        return self.world.open_topic(self.world.chats[chat], opener, name)["message_thread_id"]

    def close_topic(self, chat: int, thread: int) -> None:
        """Delete a topic with everything in it."""
        there = self.world.chats[chat]
        there.topics = {
            number: name for number, name in (there.topics or {}).items() if number != thread
        }
        there.messages = {
            number: message
            for number, message in there.messages.items()
            if message.get("message_thread_id") != thread
        }

    def block(self, user: int) -> None:
        """Let a person block the bot."""
        self.world.chats[user].shut = "bot was blocked by the user"

    def unblock(self, user: int) -> None:
        """Let them hear the bot again."""
        self.world.chats[user].shut = ""

    def kick(self, chat: int) -> None:
        """Throw the bot out of a group."""
        there = self.world.chats[chat]
        there.shut = f"bot was kicked from the {there.kind} chat"

    async def migrate(self, chat: int, new_id: int) -> None:
        """Upgrade a group to a supergroup with another id."""
        old = self.world.chats[chat]
        self.group(new_id, old.title, admin=old.bot_is_admin)
        old.moved_to = new_id
        teller = next(iter(self.world.users.values()))
        await self.tell(self.world.write(old, teller, {"migrate_to_chat_id": new_id}))
        new = self.world.chats[new_id]
        await self.tell(self.world.write(new, teller, {"migrate_from_chat_id": chat}))

    async def say(
        self,
        user: int,
        text: str = "",
        chat: int | None = None,
        *,
        thread: int | None = None,
        reply_to: int | None = None,
        photo: bytes | None = None,
        document: tuple[str, bytes] | None = None,
    ) -> int:
        """Write a message, as a caption if it carries a file, and return its id."""
        content: Json = {}
        if photo is not None:
            content |= await self.world.keep_photo(photo)
        if document is not None:
            content |= self.world.keep_document(*document)
        words = _words(text, is_caption=bool(content))
        return await self._write(user, chat, {**content, **words}, thread, reply_to)

    async def album(
        self,
        user: int,
        photos: Sequence[bytes],
        caption: str = "",
        chat: int | None = None,
        *,
        thread: int | None = None,
        reply_to: int | None = None,
    ) -> list[int]:
        """Send several photos as one album; the first carries the caption."""
        group = {"media_group_id": str(self.world.serial() + 13_000_000_000)}
        blocks = await asyncio.gather(*(self.world.keep_photo(data) for data in photos))
        captions = [_words(caption, is_caption=True)] + [{}] * (len(blocks) - 1)
        return [
            await self._write(user, chat, {**group, **block, **words}, thread, reply_to)
            for block, words in zip(blocks, captions, strict=True)
        ]

    async def press(self, user: int, message_id: int, chat: int, button: str) -> str:
        """Press a button by its label or data and return the id of the query."""
        there = self.world.chats[chat]
        message = there.messages.get(message_id, {})
        rows: list[list[Json]] = message.get("reply_markup", {}).get("inline_keyboard", [])
        found = [
            each["callback_data"]
            for row in rows
            for each in row
            if button in {each["text"], each.get("callback_data")} and "callback_data" in each
        ]
        if not found:
            raise AssertionError(
                f"no button {button!r} under message {message_id}:\n{self.look(chat)}"
            )
        query = self.world.open_query()
        await self.push(
            {
                "callback_query": {
                    "id": query,
                    "from": self.world.users[user],
                    "message": message,
                    "chat_instance": str(chat * 7),
                    "data": found[0],
                }
            }
        )
        return query

    def expire(self, query: str) -> None:
        """Let a query grow too old to be answered."""
        self.world.queries.pop(query)

    async def react(self, user: int, message_id: int, chat: int, emoji: str) -> None:
        """Put an emoji under a message; a bot in a group hears of it only as an admin."""
        there = self.world.chats[chat]
        if message_id not in there.messages:
            raise AssertionError(f"no message {message_id}:\n{self.look(chat)}")
        if not (there.is_private or there.bot_is_admin):
            return
        reaction = {
            "chat": there.wire(),
            "message_id": message_id,
            "user": self.world.users[user],
            "date": there.messages[message_id]["date"],
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }
        await self.push({"message_reaction": reaction})

    async def push(self, update: Json) -> None:
        """Send the bot any update; without `update_id` it gets the next number."""
        await self.world.updates.push(update)

    def look(self, chat: int | None = None) -> str:
        """Print one chat, or all, as they look now."""
        chats = [each for each in self.world.chats.values() if chat in {None, each.id}]
        return printed(self.world, chats)

    async def _write(
        self, user: int, chat: int | None, content: Json, thread: int | None, reply_to: int | None
    ) -> int:
        there = self.world.chats[user if chat is None else chat]
        place: Json = {}
        if thread:
            opened = there.messages[thread]
            place = {"message_thread_id": thread, "is_topic_message": True}
            place["reply_to_message"] = quoted(opened)
        if reply_to:
            place["reply_to_message"] = quoted(there.messages[reply_to])
        bot_spoke_last = there.bot_spoke_last
        message = self.world.write(there, self.world.users[user], {**place, **content})
        if self._reaches(there, message, bot_spoke_last=bot_spoke_last):
            await self.tell(message)
        await self.world.notify()
        return message["message_id"]

    async def tell(self, message: Json) -> None:
        """Let the bot read a message."""
        await self.push({"message": message})

    def _reaches(self, chat: Chat, message: Json, *, bot_spoke_last: bool) -> bool:
        """Decide by the rules of privacy mode whether the bot gets to read a message."""
        if message["from"]["is_bot"]:
            return False
        if chat.is_private or chat.bot_is_admin or not self.world.privacy:
            return True
        answered = message.get("reply_to_message", {})
        if answered.get("from", {}).get("id") == self.world.bot["id"] and is_said(answered):
            return True
        return self._is_called(message, bot_spoke_last=bot_spoke_last)

    def _is_called(self, message: Json, *, bot_spoke_last: bool) -> bool:
        words = str(message.get("text") or message.get("caption") or "")
        name = f"@{self.world.bot['username']}".lower()
        first = words.split(maxsplit=1)[0].lower() if words else ""
        if first.startswith("/"):
            return first.endswith(name) or ("@" not in first and bot_spoke_last)
        return self.mentions_pass and name in words.lower()


def _words(text: str, *, is_caption: bool) -> Json:
    read = formatted(text, "")
    if not read.text:
        return {}
    names = ("caption", "caption_entities") if is_caption else ("text", "entities")
    entities: dict[str, Any] = {names[1]: read.entities} if read.entities else {}
    return {names[0]: read.text} | entities
