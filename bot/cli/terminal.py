"""The terminal's messenger: a progress bar on stderr, pictures as files or bytes on stdout."""

import asyncio
import json
import mimetypes
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bot import render
from bot.strings import text, whole
from core import replies
from core.commands import COMMANDS
from core.context import Address, Attachment, Chat, User
from core.doubt import SEARCHING
from core.errors import DeliveryFailed, StorageError
from core.ports import ImageStore, Pace
from core.replies import Menu, Pictures, Reply, Text

MICRO = 1_000_000
TYPED = {one.name: f"nano-banana {one.cli_name or one.name}" for one in COMMANDS if one.listed}
"""What to type for a command that chats know as /name."""
NAMED = re.compile(rf"(?<![\w/])/({'|'.join(TYPED)})\b")


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where the terminal wants its pictures."""

    folder: Path | None = None
    """None to write one picture's bytes to stdout when that is a pipe, else the working folder."""
    as_json: bool = False
    mode: int = 0o600
    """Of the files it writes: what the person's own umask allows."""


@dataclass
class Terminal:
    """Shows replies to whoever sits at the terminal."""

    images: ImageStore
    output: Output
    locale: str
    failed: bool = False
    wanted: frozenset[str] = frozenset()
    """Jobs that were asked for now; others were left by a terminal that was closed too soon."""
    ended: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])
    """Jobs whose ending was shown."""

    def __post_init__(self) -> None:
        self.console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=self.console, transient=True)
        self.progress.disable = not self.console.is_terminal
        self._lines: dict[str, TaskID] = {}

    @property
    def pace(self) -> Pace:
        """A terminal takes every step at once."""
        return Pace(first_after=0, every=0.05, look_every=1.0)

    async def send(
        self, address: Address, reply: Reply, *, locale: str, replaces: str = "", nonce: str = ""
    ) -> tuple[str, ...]:
        """Show a reply; what it cannot do goes to stderr with a failing exit."""
        try:
            return await self._show(address, reply, locale)
        except BrokenPipeError:
            self.failed = True  # whoever read our output has left: there is nobody to tell
            return ()
        except OSError as error:
            self.say(Text("error.not_written", {"why": str(error)}))
            raise DeliveryFailed("not_written", lasting=not nonce) from error
        except StorageError as error:
            self.say(Text(error.key, error.values))
            key = error.key.removeprefix("error.")
            raise DeliveryFailed(key, lasting=not nonce) from error
        finally:
            if nonce and not _goes_on(reply):
                self.ended.put_nowait(nonce.partition("-")[0])

    async def _show(self, address: Address, reply: Reply, locale: str) -> tuple[str, ...]:
        match reply:
            case replies.Progress():
                self._lines[reply.job] = self.progress.add_task("", total=reply.total)
                await self.edit(address, reply.job, reply, locale=locale)
                return (reply.job,)
            case Pictures():
                await self._keep(reply)
            case Menu() if quoted(reply):
                self._aside(reply.text)
            case Menu():
                self.say(reply.text)
            case Text() if reply.key == SEARCHING:
                self._aside(reply)
            case Text():
                self.say(reply)
            case replies.Form():
                self.say(reply.question, failed=True)
            case _:
                pass
        return ()

    async def edit(
        self, address: Address, message: str, progress: replies.Progress, *, locale: str
    ) -> None:
        """Move the bar."""
        task = self._lines.get(message)
        if task is not None:
            words = render.status(progress, locale)
            self.progress.update(task, description=words, completed=progress.done)

    async def delete(self, address: Address, messages: Sequence[str]) -> None:
        """Nothing can be taken back from a terminal."""

    async def typing(self, address: Address) -> None:
        """The bar shows it."""

    def private(self, user: User, request: str) -> Address:
        """Whoever sits here."""
        return Address(Chat(user.platform, user.id))

    async def moderates(self, address: Address, user: User) -> bool:
        """Nobody else is here."""
        return False

    async def fetch(self, attachment: Attachment) -> bytes:
        """Read a file of the person's own."""
        path = Path(os.fsdecode(unquote_to_bytes(attachment.handle)))
        return await asyncio.to_thread(path.read_bytes)

    def say(self, said: Text, *, failed: bool = False) -> None:
        """Print words: an error to stderr, everything else to stdout."""
        if failed or said.key.startswith("error."):
            self.failed = True
            self._aside(said)
        elif self.output.as_json:
            self._object({"text": whole(said, self.locale)})
        else:
            print(whole(said, self.locale))

    def _aside(self, said: Text) -> None:
        """Print words beside the output, which may go into a pipe."""
        words = NAMED.sub(lambda found: TYPED[found[1]], whole(said, self.locale))
        self.console.print(words, markup=False, highlight=False, soft_wrap=True)

    def _object(self, told: Mapping[str, Any]) -> None:
        """Print one JSON object on a line of its own."""
        print(json.dumps(told, ensure_ascii=False))

    async def _keep(self, reply: Pictures) -> None:
        wanted = reply.job in self.wanted
        if wanted and self._to_stdout(reply):
            sys.stdout.buffer.write(await self.images.get(reply.pictures[0].sha256))
            sys.stdout.buffer.flush()
            return
        paths = [await self._write(reply, number) for number in range(len(reply.pictures))]
        if not wanted:
            self.console.print(text("terminal.late", self.locale), *paths, sep="\n")
        elif self.output.as_json:
            self._object(_summary(reply, paths))
        else:
            print("\n".join(map(str, paths)))

    def _to_stdout(self, reply: Pictures) -> bool:
        wanted = self.output.folder is None and not self.output.as_json
        return wanted and len(reply.pictures) == 1 and not sys.stdout.isatty()

    async def _write(self, reply: Pictures, number: int) -> Path:
        picture = reply.pictures[number]
        suffix = mimetypes.guess_extension(picture.mime) or ".png"
        folder = self.output.folder or Path()
        path = folder / f"nano-banana-{reply.job}-{picture.position}{suffix}"
        data = await self.images.get(picture.sha256)
        await asyncio.to_thread(_write, path, data, self.output.mode)
        return path


def quoted(menu: Menu) -> str:
    """Name the request that waits for a yes; empty below anything but a quote."""
    command, _, request = menu.buttons[0].token.partition(":")
    return request if command == "confirm" else ""


def attached(image: Path) -> Attachment:
    """Name a file of the person's own; not every file name is text, and a handle is kept."""
    return Attachment(quote(os.fsencode(image)))


def _goes_on(reply: Reply) -> bool:
    """Tell whether a job has more to say: a status line, or that its order is searched for."""
    return isinstance(reply, replies.Progress) or (
        isinstance(reply, Text) and reply.key == SEARCHING
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def _summary(reply: Pictures, paths: Sequence[Path]) -> dict[str, Any]:
    pictures = [
        {
            "path": str(path),
            "sha256": picture.sha256,
            "width": picture.width,
            "height": picture.height,
            "seed": picture.seed,
            "recipe": asdict(picture.recipe),
        }
        for picture, path in zip(reply.pictures, paths, strict=True)
    ]
    cost = int(reply.caption.values.get("cost", 0)) / MICRO
    return {"job": reply.job, "pictures": pictures, "cost": cost}
