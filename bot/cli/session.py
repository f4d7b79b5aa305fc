"""One command run at the terminal: a studio of its own, until its jobs have ended."""

import asyncio
import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import click

from bot import logs
from bot.cli.terminal import Output, Terminal, attached, quoted
from bot.intake import Intake
from bot.lock import as_terminal
from bot.render import label
from bot.settings import read_settings
from bot.storable import storable
from bot.strings import text
from bot.wiring import open_studio
from core.context import Address, Ask, Chat, Context, User
from core.errors import StudioError, Value
from core.ports import Finishing, ImageStore, Messenger
from core.replies import Accepted, Menu, Reply
from core.studio import Studio
from core.worker.loop import Worker


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody typed."""

    record: Mapping[str, Value]
    image: Path | None
    output: Output
    yes: bool
    locale: str


async def run_here(wish: Wish) -> int:
    """Run a command and wait for its pictures; return the exit status."""
    mode = 0o666 & ~os.umask(0o077)
    output = replace(wish.output, mode=mode)
    try:
        settings = read_settings()
        logs.set_up(settings.secrets(), quiet=True)
        terminal: list[Terminal] = []

        def messengers(images: ImageStore, _: Finishing) -> dict[str, Messenger]:
            terminal.append(Terminal(images, output, wish.locale))
            return {"cli": terminal[0]}

        with as_terminal(settings.data_dir) as alone:
            async with open_studio(settings, messengers, checkpoints=False) as studio:
                await _converse(studio, terminal[0], wish, Worker(studio, alone=alone))
    except StudioError as error:
        click.echo(text(error.key, wish.locale, error.values), err=True)
        return 1
    return int(terminal[0].failed)


async def _converse(studio: Studio, terminal: Terminal, wish: Wish, worker: Worker) -> None:
    async with asyncio.TaskGroup() as group:
        working = group.create_task(worker.run())
        intake = Intake(studio, worker, group)
        with terminal.progress:
            reply = await _ask(intake, wish, wish.record)
        if isinstance(reply, Menu) and (request := quoted(reply)):
            if not _agreed(reply, wish):
                terminal.failed = True
            else:
                record = {"command": "confirm", "request": request}
                with terminal.progress:
                    reply = await _ask(intake, wish, record)
        if isinstance(reply, Accepted) and (worker.alone or reply.taken):
            terminal.wanted = frozenset(reply.jobs)
            with terminal.progress:
                await _endings(terminal, set(reply.jobs))
        working.cancel()


async def _ask(intake: Intake, wish: Wish, record: Mapping[str, Value]) -> Reply:
    request = f"cli:{uuid4().hex}"
    user = storable(getpass.getuser())
    context = Context(
        request=request,
        address=Address(Chat("cli", user)),
        user=User("cli", user, user),
        locale=wish.locale,
        attachments=(attached(wish.image),) if wish.image else (),
    )
    ask = Ask(context=context, command=record)
    await intake.put([ask])
    return await intake.answer(ask)


def _agreed(menu: Menu, wish: Wish) -> bool:
    if wish.yes:
        return True
    if not sys.stdin.isatty():
        click.echo(text("quote.yes", wish.locale), err=True)
        return False
    return click.confirm(label(menu.buttons[0], wish.locale), err=True)


async def _endings(terminal: Terminal, jobs: set[str]) -> None:
    while jobs:
        jobs.discard(await terminal.ended.get())
