"""A real studio behind a real server on a free loopback port."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.links import Links
from bot.web_chat.app import WebChat, create_app
from bot.web_chat.auth import Auth, read_secret
from bot.web_chat.outbound import WebMessenger
from bot.web_chat.server import serving
from core.command import Command
from core.commands import COMMANDS
from core.studio import Studio
from tests.studio import studio_at


@dataclass(frozen=True)
class House:
    """A web chat that answers at `url`."""

    url: str
    link: str
    studio: Studio
    messenger: WebMessenger
    links: Links


@asynccontextmanager
async def web_chat_at(
    folder: Path, commands: tuple[type[Command], ...] = COMMANDS, port: int = 0, **settings: Any
) -> AsyncGenerator[House]:
    """Run everything; the same folder and port again is a restart."""
    messenger = WebMessenger(lambda: datetime.now(UTC))
    async with studio_at(folder, lambda *_: {"web": messenger}, commands, **settings) as home:
        secret = read_secret(folder / "web.key")
        auth, links = Auth(secret, home.studio.now), Links("https://studio.test", secret)
        web = WebChat(home.studio, home.intake, messenger, auth, _ready, links)
        async with serving(create_app(web), messenger, "127.0.0.1", port) as url:
            await home.intake.take_up("web")
            yield House(url, auth.sign_in_link(url), home.studio, messenger, links)


async def _ready() -> dict[str, object]:
    return {"web": {"ok": True}}
