"""The way out to Telegram: replies in the same chat and topic, answering who asked."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from telegram import ChatMemberAdministrator, ChatMemberOwner, LinkPreviewOptions, Message
from telegram.constants import ChatAction
from telegram.error import BadRequest, TelegramError
from typing_extensions import override

from bot.ladder import LADDER, Step, descend, in_words
from bot.links import NOWHERE, Links
from bot.render import fitted, utf16
from bot.telegram_chat.album import Album
from bot.telegram_chat.failures import ALREADY_GONE, ALREADY_SO, failure, says
from bot.telegram_chat.layout import CAPTION, Said, keyboard, markup, stop, words
from bot.telegram_chat.limiter import Limiter
from bot.telegram_chat.sending import Place, Sender
from bot.telegram_chat.wire import TelegramBot
from core.context import Address, Attachment, Chat, User
from core.errors import DeliveryFailed
from core.ports import Finishing, ImageStore, Messenger, Pace
from core.replies import Menu, Pictures, Progress, Reply, Text

log = structlog.get_logger(__name__)

PACE = Pace(first_after=0.7, every=1.5, typing_every=4.5)
"""A sign of work lasts 5 s; in groups the limiter leaves out what is too much."""
ELSEWHERE = "/"


class TelegramMessenger(Messenger):
    """Says replies in Telegram: plain text only, so that no words can break a format."""

    def __init__(
        self,
        bot: TelegramBot,
        images: ImageStore,
        finishing: Finishing,
        *,
        limiter: Limiter,
        pace: Pace = PACE,
        links: Links = NOWHERE,
    ) -> None:
        self._bot = bot
        self._images = images
        self._finishing = finishing
        self._links = links
        self._limiter = limiter
        self._sender = Sender(limiter)
        self._pace = pace

    @property
    @override
    def pace(self) -> Pace:
        return self._pace

    @override
    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        if isinstance(reply, Progress) and not self._limiter.room(int(address.chat.id)):
            return ()
        if isinstance(reply, Pictures):
            sent = await self._show(address, reply, locale)
        else:
            sent = await self._say(Place.of(address), reply, locale)
        if not sent:
            raise DeliveryFailed("telegram.unheard", unheard=True)
        if replaces:
            await self._clear(address, replaces)
        return tuple(_name(address, message) for message in sent)

    async def _say(
        self, place: Place, reply: Said, locale: str, *, count: int = 1
    ) -> tuple[Message, ...]:
        async def call(place: Place) -> tuple[Message, ...]:
            return await self._write(place, reply, locale)

        patient = not isinstance(reply, Progress)
        return await self._sender.send(place, call, count=count, patient=patient)

    async def _write(self, place: Place, reply: Said, locale: str) -> tuple[Message, ...]:
        sent = await self._bot.send_message(
            text=words(reply, locale),
            reply_markup=markup(reply, locale),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            **place.arguments(),
        )
        return (sent,)

    async def _show(self, address: Address, reply: Pictures, locale: str) -> tuple[Message, ...]:
        place = Place.of(address)
        if not (reply.private and address.ticket):
            return await self._pictures(place, reply, locale)
        try:
            return await self._pictures(Place(int(address.ticket)), reply, locale)
        except DeliveryFailed as error:
            if not error.lasting:
                raise
        return await self._say(place, Text("telegram.not_private", {"job": reply.job}), locale)

    async def _pictures(self, place: Place, reply: Pictures, locale: str) -> tuple[Message, ...]:
        many = len(reply.pictures) > 1
        album = Album(
            pictures=reply.pictures,
            data=[await self._images.get(one.sha256) for one in reply.pictures],
            buttons=None if many else keyboard(reply.buttons, locale),
        )
        steps = LADDER[LADDER.index(Step.DOCUMENT) :] if reply.as_files else LADDER

        async def call(place: Place) -> tuple[Message, ...]:
            async def offer(step: Step, why: tuple[Text, ...]) -> tuple[Message, ...]:
                if step is Step.LINK:
                    said = in_words(reply, why, self._links)
                    below = () if many else reply.buttons
                    return await self._write(place, Menu(said, below), locale)
                said = replace(reply.caption, lines=(*reply.caption.lines, *why))
                caption = fitted(said, locale, CAPTION, utf16)
                return await album.offer(self._bot, place, step, caption, self._finishing)

            return await descend(reply.job, steps, offer)

        apart = many and bool(reply.buttons)
        sent = await self._sender.send(place, call, count=len(album.data) + apart, patient=False)
        return sent + await self._buttons(place, sent, reply, locale) if apart else sent

    async def _buttons(
        self, place: Place, album: tuple[Message, ...], reply: Pictures, locale: str
    ) -> tuple[Message, ...]:
        """Send an album's buttons behind it; without them it is still delivered."""
        if album:
            place = replace(place, chat=album[0].chat_id, reply_to=album[0].message_id)
        menu = Menu(Text("caption.buttons"), reply.buttons)
        try:
            return await self._say(place, menu, locale, count=0)
        except DeliveryFailed as error:
            log.warning("buttons_not_sent", job=reply.job, error=error.key)
            return ()

    @override
    async def edit(
        self, address: Address, message: str, progress: Progress, *, locale: str
    ) -> None:
        chat, _, number = message.rpartition(ELSEWHERE)
        place = Place(int(chat or address.chat.id))

        async def call(there: Place) -> tuple[Message, ...]:
            text, buttons = words(progress, locale), stop(progress, locale)
            if there.chat != place.chat:
                return ()  # the group moved: this number names another message there
            try:
                await self._bot.edit_message_text(
                    text, place.chat, int(number), reply_markup=buttons
                )
            except BadRequest as error:
                if not says(error, *ALREADY_SO):
                    raise
            return ()

        if self._limiter.edit(place.chat):
            await self._sender.send(place, call, count=0, patient=False)

    @override
    async def delete(self, address: Address, messages: Sequence[str]) -> None:
        for message in messages:
            chat, _, number = message.rpartition(ELSEWHERE)
            await self._delete(int(chat or address.chat.id), int(number))

    async def _delete(self, chat: int, number: int) -> None:
        async def call(there: Place) -> tuple[Message, ...]:
            if there.chat != chat:
                return ()  # the group moved: this number names another message there
            try:
                await self._bot.delete_message(chat, number)
            except BadRequest as error:
                if not says(error, *ALREADY_GONE):
                    raise
            return ()

        await self._sender.send(Place(chat), call, count=0)

    async def _clear(self, address: Address, message: str) -> None:
        """Take a status line away; a result that stands below it is delivered all the same."""
        try:
            await self.delete(address, [message])
        except DeliveryFailed as error:
            log.info("status_line_left", chat=address.chat.id, error=error.key)

    @override
    async def typing(self, address: Address) -> None:
        async def call(place: Place) -> tuple[Message, ...]:
            await self._bot.send_chat_action(
                place.chat, ChatAction.UPLOAD_PHOTO, message_thread_id=place.thread
            )
            return ()

        await self._sender.send(Place.of(address), call, count=0, patient=False)

    @override
    def private(self, user: User, request: str) -> Address:
        return Address(Chat(user.platform, user.id))

    @override
    async def moderates(self, address: Address, user: User) -> bool:
        chat = int(address.chat.id)
        if chat > 0:
            return False  # a private chat: everything there is their own
        try:
            member = await self._bot.get_chat_member(chat, int(user.id))
        except TelegramError as error:
            log.info("member_not_known", chat=chat, error=error.message)
            return False
        return isinstance(member, ChatMemberOwner) or (
            isinstance(member, ChatMemberAdministrator) and member.can_delete_messages
        )

    @override
    async def fetch(self, attachment: Attachment) -> bytes:
        try:
            file = await self._bot.get_file(attachment.handle)
            return bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise failure(error) from error


def _name(address: Address, message: Message) -> str:
    """Name a message; one outside its address's chat says where it is."""
    chat, number = str(message.chat_id), str(message.message_id)
    return number if chat == address.chat.id else f"{chat}{ELSEWHERE}{number}"
