"""The running studio: one process, one group of tasks, from the first signal to a clean end."""

import asyncio
import os
import signal
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from bot import logs
from bot.banner import banner
from bot.intake import Intake
from bot.links import Links
from bot.platforms import Platform, configured
from bot.readiness import Readiness
from bot.settings import Settings
from bot.web_chat.app import WebChat, create_app
from bot.web_chat.auth import Auth, read_secret
from bot.web_chat.outbound import WebMessenger
from bot.web_chat.server import serving
from bot.wiring import open_studio
from core.errors import ConfigError
from core.ports import Finishing, Health, ImageStore, Messenger
from core.studio import Studio
from core.worker.loop import Worker

SIGNING = "web.secret"
"""The file with which sessions and links are signed."""
MOST_LASTING = 9.5
"""Seconds after the first signal at which the process ends in any case. A start goes on from what
is written, and whatever still hangs by then may hang for long."""
ECHO = 0.3
"""Seconds in which a second signal is the first one, passed on by make or a shell."""


async def serve(settings: Settings) -> None:
    """Run every surface and the worker until a signal; a second signal ends the process at once.

    Whoever calls holds the lock of the data directory.
    """
    logs.set_up(settings.secrets())
    with until_signalled() as stop:
        links = Links(settings.links_url, read_secret(settings.data_dir / SIGNING))
        platforms = configured(settings)
        web = WebMessenger(lambda: datetime.now(UTC))

        def messengers(images: ImageStore, finishing: Finishing) -> Mapping[str, Messenger]:
            made = {one.name: one.messenger(images, finishing, links) for one in platforms}
            return {**made, "web": web}

        async with open_studio(settings, messengers) as studio:
            try:
                await live(settings, studio, platforms, web, links, stop)
            except* ConfigError as wrong:
                raise _first(wrong) from None


async def live(
    settings: Settings,
    studio: Studio,
    platforms: tuple[Platform, ...],
    web: WebMessenger,
    links: Links,
    stop: asyncio.Event,
) -> None:
    """Open the doors and work until told to stop; what is begun is left where a start finds it."""
    worker = Worker(studio)
    async with asyncio.TaskGroup() as group:
        intake = Intake(studio, worker, group)
        working = group.create_task(worker.run())
        telling = group.create_task(intake.tell_notices())
        speaking = [group.create_task(one.run(studio, intake)) for one in platforms]
        auth = Auth(links.secret, studio.now)
        chat = WebChat(studio, intake, web, auth, _readiness(studio, platforms), links)
        app = create_app(chat, settings.hosts)
        async with serving(app, web, settings.web_host, settings.web_port) as address:
            await intake.take_up("web")
            print(banner(settings, studio, auth.sign_in_link(address)), flush=True)  # noqa: T201
            await stop.wait()
            working.cancel()
            saying = intake.stop()
        await asyncio.wait({working, *saying})  # what is just being told needs the platforms
        for one in (telling, *speaking):
            one.cancel()


def _readiness(studio: Studio, platforms: tuple[Platform, ...]) -> Readiness:
    async def here() -> Health:
        return Health(ok=True, detail="serving")

    surfaces = {"web": here, **{one.name: one.check for one in platforms}}
    providers = {name: one.check for name, one in studio.breakers.items()}
    return Readiness(surfaces, providers, studio.now)


def _first(group: BaseExceptionGroup[ConfigError]) -> ConfigError:
    one = group.exceptions[0]
    return one if isinstance(one, ConfigError) else _first(one)


@contextmanager
def until_signalled() -> Generator[asyncio.Event]:
    """Turn the first SIGTERM or SIGINT into an event; the second ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    first = 0.0

    def heard() -> None:
        nonlocal first
        if not stop.is_set():
            first = loop.time()
            loop.call_later(MOST_LASTING, os._exit, 0)
        elif loop.time() - first > ECHO:
            os._exit(1)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, heard)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
