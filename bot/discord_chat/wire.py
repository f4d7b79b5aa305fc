"""Discord's REST interface as answering needs it: every call says that nobody is pinged."""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import MultipartParameters, Route, handle_message_parameters
from discord.utils import MISSING

from bot.discord_chat.layout import Sheet
from bot.discord_chat.ticket import Ticket
from core.errors import ChatClosed, DeliveryFailed

log = structlog.get_logger(__name__)

ORIGINAL = "@original"
REFUSED = 4
"""First digit of a refusal."""
CLOSED = frozenset({403, 404})
"""Blocked, no permission, or no such channel."""
PASSING = frozenset({401, 408, 429})
"""Refusals that may be over when the same call is made later."""
PATIENCE = 60.0
"""Seconds after a refused token: Discord locks out who sends too many bad calls."""
DEADLINE = 30.0
"""Seconds for one exchange, from connecting to the last byte of its answer."""
CONNECT = 10.0
HEAVY = 4
"""An exchange with files may take so many times as long."""


def point_at(api: str = "", gateway: str = "", cdn: str = "") -> None:
    """Send all of Discord's traffic elsewhere.

    discord.py has no setting for a test server or a mirror; these are the three names that it
    reads its addresses from, and this is the one place that changes them.
    """
    if api:
        Route.BASE = api.rstrip("/")
    if gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    if cdn:
        base: Any = cdn.rstrip("/")  # typed in the library as the very address it has there
        Asset.BASE = base


@contextmanager
def told_as_delivery_failed() -> Generator[None]:
    """Turn the library's errors into the studio's."""
    try:
        yield
    except discord.RateLimited as error:
        raise DeliveryFailed("discord.busy", retry_after=error.retry_after) from error
    except discord.HTTPException as error:
        log.info("discord_refused", status=error.status, code=error.code, text=error.text)
        if error.status in CLOSED:
            raise ChatClosed("discord") from error
        lasting = error.status // 100 == REFUSED and error.status not in PASSING
        wait = PATIENCE if error.status in PASSING else 0.0
        raise DeliveryFailed("discord.refused", lasting=lasting, retry_after=wait) from error
    except (aiohttp.ClientError, OSError) as error:
        # Past its deadline, an exchange may have been heard: that is no silence, and it counts.
        no_connection = aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError
        unanswered = isinstance(error, no_connection)
        raise DeliveryFailed("discord.unreachable", unreachable=unanswered) from error


@dataclass
class Wire:
    """The way out, open while a client is signed in."""

    signed_in: discord.Client | None = None
    deadline: float = DEADLINE

    @property
    def client(self) -> discord.Client:
        """The client that is signed in; without one the message waits."""
        if self.signed_in is None or self.signed_in.is_closed():
            raise _signed_out()
        return self.signed_in

    # --- with an interaction's token -----------------------------------------------------------

    async def answer(self, ticket: Ticket, message: str, sheet: Sheet) -> str:
        """Change an answer, or the one that the person is still waiting for; return its id."""
        route = _route("PATCH", "/messages/{message_id}", ticket, message_id=message)
        return str((await self._send(route, _parameters(sheet)))["id"])

    async def follow_up(self, ticket: Ticket, sheet: Sheet, *, hidden: bool = False) -> str:
        """Add an answer; hidden from all but who asked if told so."""
        route = _route("POST", "?wait=true", ticket)
        return str((await self._send(route, _parameters(sheet, hidden=hidden)))["id"])

    async def original(self, ticket: Ticket) -> str:
        """Find out the id of the first answer."""
        route = _route("GET", "/messages/{message_id}", ticket, message_id=ORIGINAL)
        return str((await self._exchange(route))["id"])

    async def _send(self, route: Route, parameters: MultipartParameters) -> Mapping[str, Any]:
        with parameters as (payload, form, files):
            if files:
                return await self._exchange(route, heavy=True, files=files, form=form)
            return await self._exchange(route, json=payload)

    async def _exchange(self, route: Route, *, heavy: bool = False, **said: Any) -> Any:
        """Ask and hear the answer in time, each time that the library tries.

        A deadline around all its tries could cut it off while it waits for Discord's global
        limit: it would never lift that limit again.
        """
        total = self.deadline * (HEAVY if heavy else 1)
        timeout = aiohttp.ClientTimeout(total=total, sock_connect=CONNECT)
        client = self.client
        try:
            return await client.http.request(route, timeout=timeout, **said)
        except RuntimeError as error:
            if not client.is_closed():
                raise
            # Between two of its tries the connection was lost, and closed to be made anew.
            raise _signed_out() from error

    # --- as a member ---------------------------------------------------------------------------

    async def post(
        self,
        channel: str,
        sheet: Sheet,
        *,
        reply_to: str = "",
        nonce: str = "",
        renews: bool = True,
    ) -> str:
        """Write a message, or find the one that had the same nonce a few minutes ago.

        What is found then says the same, unless this `renews` nothing.
        """
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        reference = {"message_id": reply_to, "fail_if_not_exists": False} if reply_to else MISSING
        said = _parameters(sheet, nonce=nonce or None, message_reference=reference)
        shown = await self._send(route, said)
        differs = shown["content"].strip() != sheet.content.strip()
        if nonce and renews and differs:
            return await self.edit(channel, str(shown["id"]), sheet)
        return str(shown["id"])

    async def edit(self, channel: str, message: str, sheet: Sheet) -> str:
        """Change a message of the bot."""
        route = _message("PATCH", channel, message)
        return str((await self._send(route, _parameters(sheet)))["id"])

    async def delete(self, channel: str, message: str) -> None:
        """Take a message of the bot away."""
        await self._exchange(_message("DELETE", channel, message))

    async def typing(self, channel: str) -> None:
        """Show for ten seconds that the bot is writing."""
        await self._exchange(Route("POST", "/channels/{channel_id}/typing", channel_id=channel))

    async def private_channel(self, user: str) -> str:
        """Open the private channel with a person."""
        route = Route("POST", "/users/@me/channels")
        return str((await self._exchange(route, json={"recipient_id": user}))["id"])

    async def download(self, channel: str, message: str, attachment: str) -> bytes:
        """Read a file below a message by an address that is still good."""
        found = await self._exchange(_message("GET", channel, message))
        for attached in found["attachments"]:
            if attached["id"] == attachment:
                async with asyncio.timeout(self.deadline * HEAVY):
                    return await self.client.http.get_from_cdn(attached["url"])
        raise DeliveryFailed("discord.file_gone", lasting=True)


def _signed_out() -> DeliveryFailed:
    return DeliveryFailed("discord.signed_out", unreachable=True, retry_after=1.0)


def _message(method: str, channel: str, message: str) -> Route:
    path = "/channels/{channel_id}/messages/{message_id}"
    return Route(method, path, channel_id=channel, message_id=message)


def _route(method: str, path: str, ticket: Ticket, **parameters: str) -> Route:
    hook = "/webhooks/{webhook_id}/{webhook_token}"
    named = {"webhook_id": ticket.application, "webhook_token": ticket.token}
    return Route(method, hook + path, **named, **parameters)


def _parameters(
    sheet: Sheet,
    *,
    hidden: bool = False,
    nonce: str | None = None,
    message_reference: Any = MISSING,
) -> MultipartParameters:
    return handle_message_parameters(
        sheet.content,
        attachments=sheet.files(),
        view=sheet.view(),
        flags=discord.MessageFlags(suppress_embeds=True, ephemeral=hidden),
        allowed_mentions=discord.AllowedMentions.none(),
        nonce=nonce,
        message_reference=message_reference,
    )
