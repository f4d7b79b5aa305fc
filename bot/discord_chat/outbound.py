"""Discord's way out: by an interaction's token while it lives, then as the bot's own message."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

import discord
import structlog

from bot.discord_chat.layout import Sheet, sheet
from bot.discord_chat.pictures import uploads
from bot.discord_chat.saying import Saying
from bot.discord_chat.ticket import ROOM, Ticket
from bot.discord_chat.wire import ORIGINAL, Wire, told_as_delivery_failed
from bot.ladder import LADDER, NotTaken, Reason, Step, descend, in_words
from bot.links import NOWHERE, Links
from bot.strings import text, whole
from core.context import Address, Attachment, Chat, User
from core.ports import Finishing, ImageStore, Pace
from core.replies import Menu, Pictures, Progress, Reply, Text

log = structlog.get_logger(__name__)

UNKNOWN_MESSAGE = 10008
ARCHIVED = 50083
NOT_EDITABLE = frozenset({UNKNOWN_MESSAGE, ARCHIVED})
TOKEN_IS_OVER = frozenset({10015, 50027, 40094})
"""Unknown webhook, invalid token, too many follow-ups where only a person installed the bot."""
FORBIDDEN = frozenset({20009, 50013})
"""Taken for explicit, missing permission: the latter also where the bot may attach no files."""
TOO_LARGE = 413
STEPS = tuple(step for step in LADDER if step is not Step.DOCUMENT)
"""Every picture on Discord is a file already."""
PACE = Pace(first_after=0.0, every=3.0, typing_every=8.0)
"""A slash command shows the bot thinking from the start, so its status line need not wait."""

Say = Callable[[Saying], Awaitable[str]]


@dataclass(frozen=True)
class DiscordMessenger:
    """Says replies on Discord, whoever holds the connection."""

    wire: Wire
    images: ImageStore
    finishing: Finishing
    now: Callable[[], datetime]
    pace: Pace = PACE
    links: Links = NOWHERE

    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        """Say it: in place of the bot's thinking or its status line, else as a new message."""
        saying = Saying(address, reply, locale, replaces, nonce)
        with told_as_delivery_failed():
            if not isinstance(reply, Pictures):
                return (await self._say(saying),)
            if saying.secret:
                return (await self._show_aside(saying, reply),)
            return (await self._show(saying, reply, self._say),)

    async def _show_aside(self, saying: Saying, reply: Pictures) -> str:
        """Show private pictures to who asked alone; where others read, words take their place.

        By a token the words come first: Discord turns what follows a thinking answer into that
        answer, which all see.
        """
        words = replace(saying, reply=Text("discord.in_private"))
        with suppress(_TokenIsOver):
            await self._answer(words)
            return await self._show(saying, reply, self._whisper)
        try:
            sent = await self._show(saying, reply, self._write_to_asker)
        except discord.Forbidden:
            closed = Text("discord.not_private", {"job": reply.job})
            return await self._say(replace(saying, reply=closed))
        if saying.ticket.in_public:
            await self._say_besides(words)
        return sent

    async def _show(self, saying: Saying, reply: Pictures, say: Say) -> str:
        async def offer(step: Step, why: tuple[Text, ...]) -> str:
            if step is Step.LINK:
                said = Menu(in_words(reply, why, self.links), reply.buttons)
                return await say(replace(saying, reply=said))
            try:
                return await say(replace(saying, step=step, why=why))
            except discord.HTTPException as error:
                reason = _not_taken(error)
                if reason is None:
                    raise
                raise NotTaken(reason) from error

        return await descend(reply.job, STEPS, offer)

    async def _say(self, saying: Saying) -> str:
        if saying.ticket.notice:
            return await self._write_late(saying)
        if not _by_token(saying.address, saying.ticket):
            return await self._write(saying)
        try:
            return await self._answer(saying)
        except _TokenIsOver:
            return await self._write_late(saying)

    async def _answer(self, saying: Saying) -> str:
        """Use the token: the first part takes the original's place, the others follow it."""
        ticket = saying.ticket
        if not ticket.alive(self.now()):
            raise _TokenIsOver
        page = await self._sheet(saying, ticket.room)
        with _watching_the_token():
            if saying.aside:
                return await self.wire.follow_up(ticket, page, hidden=True)
            return await self._in_place(saying, page)

    async def _whisper(self, saying: Saying) -> str:
        """Add to the answer what only who asked will see."""
        page = await self._sheet(saying, saying.ticket.room)
        with _watching_the_token():
            return await self.wire.follow_up(saying.ticket, page, hidden=True)

    async def _in_place(self, saying: Saying, page: Sheet) -> str:
        ticket = saying.ticket
        for message in saying.places:
            try:
                return await self.wire.answer(ticket, message, page)
            except discord.HTTPException as error:
                if error.code not in NOT_EDITABLE:
                    raise
        if isinstance(saying.reply, Progress):
            # A follow-up has no nonce: a status line that a crash cuts off would stay for good.
            return ""
        if ticket.in_public:
            # Nor would a result be recognised that is sent again; the bot's own message is.
            raise _TokenIsOver
        sent = await self.wire.follow_up(ticket, page, hidden=ticket.private)
        if saying.address.part and sent == await self.wire.original(ticket):
            # Discord turns what follows a thinking answer into that answer: it belongs to part 0,
            # which has yet to speak, so this part follows once more.
            return await self.wire.follow_up(ticket, page, hidden=ticket.private)
        return sent

    async def _write(self, saying: Saying) -> str:
        """Answer a message, or add to an answer, in the bot's own name."""
        channel = saying.address.chat.id
        page = await self._sheet(saying, saying.ticket.room)
        if saying.replaces:
            try:
                return await self.wire.edit(channel, saying.replaces, page)
            except discord.HTTPException as error:
                if error.code not in NOT_EDITABLE:
                    raise
        return await self._post(saying, channel, page)

    async def _write_late(self, saying: Saying) -> str:
        """Write a message of its own where the token no longer helps, in private if need be."""
        ticket, channel = saying.ticket, saying.address.chat.id
        if not ticket.in_public:
            channel = await self.wire.private_channel(ticket.user)
            return await self._post(saying, channel, await self._sheet(saying, ROOM))
        above = text("discord.late", saying.locale, {"user": f"<@{ticket.user}>"})
        sent = await self._post(saying, channel, await self._sheet(saying, ROOM, above))
        if saying.replaces not in {"", sent}:
            await self._take_away(channel, saying.replaces)
        return sent

    async def _write_to_asker(self, saying: Saying) -> str:
        """Write to who asked, and name the message by where it stands."""
        channel = await self.wire.private_channel(saying.ticket.user)
        page = await self._sheet(saying, ROOM)
        return f"{channel}/{await self.wire.post(channel, page, nonce=saying.name)}"

    async def _say_besides(self, saying: Saying) -> None:
        """Say where pictures went; where nothing can be said, they are delivered all the same."""
        try:
            await self._say(saying)
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("discord_words_not_said", channel=saying.address.chat.id, code=error.code)

    async def _post(self, saying: Saying, channel: str, page: Sheet) -> str:
        """Write a message, or have the one of the same name say it; a status line leaves it be."""
        return await self.wire.post(
            channel,
            page,
            reply_to=saying.address.reply_to,
            nonce=saying.name,
            renews=not isinstance(saying.reply, Progress),
        )

    async def edit(
        self, address: Address, message: str, progress: Progress, *, locale: str
    ) -> None:
        """Move a status line on; one that is gone is left alone."""
        ticket, page = Ticket.read(address.ticket), sheet(progress, locale)
        with told_as_delivery_failed():
            try:
                if _by_token(address, ticket) and ticket.alive(self.now()):
                    await self.wire.answer(ticket, message if address.part else ORIGINAL, page)
                elif ticket.in_public:
                    await self.wire.edit(address.chat.id, message, page)
            except discord.HTTPException as error:
                if error.code not in NOT_EDITABLE | TOKEN_IS_OVER:
                    raise

    async def delete(self, address: Address, messages: Sequence[str]) -> None:
        """Take messages back, but for the one that the answer takes the place of."""
        ticket = Ticket.read(address.ticket)
        with told_as_delivery_failed():
            for message in messages if ticket.member else ():
                channel, _, number = message.rpartition("/")
                if number != ticket.pressed:
                    await self._take_away(channel or address.chat.id, number)

    async def _take_away(self, channel: str, message: str) -> None:
        try:
            await self.wire.delete(channel, message)
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("discord_message_not_deleted", message=message, code=error.code)

    async def typing(self, address: Address) -> None:
        """Show the bot typing where nothing shows it thinking."""
        if not Ticket.read(address.ticket).token:
            with told_as_delivery_failed():
                await self.wire.typing(address.chat.id)

    def private(self, user: User, request: str) -> Address:
        """Name a place that no channel is called: theirs is opened when something is said."""
        ticket = Ticket(user=user.id, private=True, notice=request)
        return Address(Chat(user.platform, f"@{user.id}"), ticket=ticket.write())

    async def moderates(self, address: Address, user: User) -> bool:
        """Read what Discord told with the asking."""
        return Ticket.read(address.ticket).moderates

    async def fetch(self, attachment: Attachment) -> bytes:
        """Read a file that came with a message."""
        channel, message, file = attachment.handle.split("/")
        with told_as_delivery_failed():
            return await self.wire.download(channel, message, file)

    async def _sheet(self, saying: Saying, room: int, above: str = "") -> Sheet:
        reply, locale = saying.reply, saying.locale
        if not isinstance(reply, Pictures):
            return sheet(reply, locale, above=above)
        files = await uploads(
            reply, locale, saying.step, room, images=self.images, finishing=self.finishing
        )
        why = "\n".join(whole(line, locale) for line in saying.why)
        return sheet(reply, locale, files, above, why)


def _not_taken(error: discord.HTTPException) -> Reason | None:
    """Tell why Discord does not take pictures in this shape, if that is what it said."""
    if error.status == TOO_LARGE:
        return Reason.SIZE
    return Reason.FORBIDDEN if error.code in FORBIDDEN else None


class _TokenIsOver(Exception):
    """The interaction's token does not answer any more."""


@contextmanager
def _watching_the_token() -> Generator[None]:
    """Tell an answer that the token no longer gives from other refusals."""
    try:
        yield
    except discord.HTTPException as error:
        if error.code in TOKEN_IS_OVER:
            raise _TokenIsOver from error
        raise


def _by_token(address: Address, ticket: Ticket) -> bool:
    """Answer by the token what only it can say, or what the bot is seen thinking about.

    Further parts go as messages of the bot where it can write: those have a nonce, follow-ups
    have none.
    """
    return bool(ticket.token) and (address.part == 0 or not ticket.in_public)
