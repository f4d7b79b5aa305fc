"""A person at the terminal: every wish is a run of the program."""

import asyncio
import re
import shlex
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from typing_extensions import override

from core.commands import COMMANDS
from core.errors import Missing
from core.grammar import parse
from tests.dialogs.dialog import DEADLINE, Dialog, Found, Heard
from tests.program import Ended, Program, end

FILE = re.compile(r"nano-banana-(\w+)-(\d+)\.\w+$", re.MULTILINE)
QUOTE = re.compile(r"That is (\d+) pictures")
UNDER_WAY = re.compile(r"^(\w+): (?:queued|submitting|submitted|fetching),", re.MULTILINE)


class TerminalDialog(Dialog):
    """What one person types and reads; a button is the subcommand that does the same."""

    def __init__(self, program: Program, group: asyncio.TaskGroup) -> None:
        super().__init__()
        self._program = program
        self._group = group
        self._running: set[Process] = set()
        self._heard: list[Heard] = []
        self._changed = asyncio.Condition()

    @override
    async def say(self, words: str, *, answering: Heard | None = None) -> None:
        """Start a run, whose end is what will be heard."""
        await self._start(_arguments(words))

    @override
    async def push(self, heard: Heard, sent: str) -> None:
        await self._start(shlex.split(sent))

    @override
    async def press(self, label: str, *, times: int = 1) -> None:
        """Press a button; what waits for its pictures is interrupted, and then cancelled."""
        if label != "Cancel":
            await super().press(label, times=times)
            return
        for process in self._running:
            process.send_signal(signal.SIGINT)
        await self.until(lambda: not self._running)
        jobs = await self._program.run("jobs")
        await self._start(["cancel", "--job", UNDER_WAY.findall(jobs.text)[0]])

    @override
    def seen(self) -> Sequence[Heard]:
        return self._heard

    @override
    async def until(self, found: Callable[[], Found | None]) -> Found:
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(lambda: bool(found()))
        result = found()
        assert result is not None
        return result

    async def _start(self, arguments: Sequence[str]) -> None:
        process = await self._program.begin(*arguments, "--out", "pictures")
        self._running.add(process)
        self._group.create_task(self._end(process, arguments))

    async def _end(self, process: Process, arguments: Sequence[str]) -> None:
        ended = await end(process)
        async with self._changed:
            self._running.discard(process)
            self._heard.append(_read(ended, self._program.folder, arguments, len(self._heard)))
            self._changed.notify_all()


def _arguments(words: str) -> list[str]:
    """Write a line of a chat as the terminal takes it."""
    if not words.startswith("/"):
        return ["generate", words]
    try:
        options = parse(words, COMMANDS).record()
    except Missing:
        options = {"command": words.removeprefix("/")}
    name = str(options.pop("command")).replace("imagine", "generate")
    flags = [(f"--{option.replace('_', '-')}", str(value)) for option, value in options.items()]
    return [name, *(part for flag in flags for part in flag)]


def _read(ended: Ended, folder: Path, arguments: Sequence[str], number: int) -> Heard:
    files = FILE.findall(ended.text)
    text = ended.text + ended.err
    return Heard(
        place=str(number),
        text=text,
        pictures=tuple((folder / line).read_bytes() for line in _paths(ended.text)),
        buttons=dict(_about(files)) | dict(_agreed(text, arguments)),
    )


def _paths(text: str) -> list[str]:
    return [line for line in text.splitlines() if FILE.search(line)]


def _about(files: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    said = [("Details", f"show --job {job}") for job, _ in files[:1]]
    for job, number in files:
        about = f"--job {job} --picture {number}"
        said += [(f"Vary {number}", f"vary {about}"), (f"Upscale {number}", f"upscale {about}")]
    return said


def _agreed(text: str, arguments: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Agree to a quote as its last line says: the same wish with --yes."""
    again = shlex.join([*arguments, "--yes"])
    return [(f"Yes, draw {count}", again) for count in QUOTE.findall(text)]


@asynccontextmanager
async def at_the_terminal(
    folder: Path, locale: str = "", **settings: str
) -> AsyncGenerator[TerminalDialog]:
    """Sit down at a terminal in a folder."""
    async with asyncio.TaskGroup() as group:
        language = {"LC_ALL": locale, "LOCPATH": str(folder)} if locale else {}
        yield TerminalDialog(Program(folder, {**language, **settings}), group)
