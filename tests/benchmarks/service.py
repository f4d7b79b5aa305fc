"""Emulators in processes of their own, and what they were called with."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from tests.benchmarks.processes import running

LOOK = 0.005
"""Seconds between two looks at the file of calls."""
PATIENCE = 60.0
LONGEST = 120.0
"""Seconds for one wish: people may write for a while."""


@dataclass(frozen=True)
class Service:
    """One emulator, told and asked through its second port."""

    url: str
    calls: Path
    _control: httpx.AsyncClient

    async def tell(self, method: str, *args: Any) -> Any:
        """Call a method of the emulator."""
        answer = await self._control.post("/", json={"method": method, "args": args})
        return answer.raise_for_status().json()["value"]

    async def ask(self, name: str) -> Any:
        """Read a property of the emulator."""
        return (await self._control.get(f"/{name}")).raise_for_status().json()["value"]

    async def set(self, name: str, value: Any) -> None:
        """Set a property of the emulator."""
        (await self._control.put(f"/{name}", json=value)).raise_for_status()

    def called(self, ending: str) -> list[dict[str, Any]]:
        """List the calls so far whose path ends like this."""
        return [call for call in self._lines() if call["path"].endswith(ending)]

    async def until_called(self, ending: str, times: int = 1) -> None:
        """Wait until it was called so many times in all."""
        with self.calls.open("rb") as lines:
            unread, found = b"", 0

            async def enough() -> bool:
                nonlocal unread, found
                *whole, unread = (unread + lines.read()).split(b"\n")
                found += sum(json.loads(line)["path"].endswith(ending) for line in whole)
                return found >= times

            await until(enough)

    def _lines(self) -> Iterator[dict[str, Any]]:
        with self.calls.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.endswith("\n"))


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await true():
                return
            await asyncio.sleep(LOOK)


@asynccontextmanager
async def emulated(folder: Path, name: str) -> AsyncGenerator[Service]:
    """Run an emulator; Telegram's can also pour updates."""
    calls = folder / f"{name}.jsonl"
    module = "tests.benchmarks.pouring" if name == "telegram" else "tests.emulators"
    arguments = () if name == "telegram" else (name,)
    async with running(folder, module, *arguments, "--calls", str(calls)) as child:
        urls = json.loads(await child.line())
        async with httpx.AsyncClient(base_url=urls["control"], timeout=LONGEST) as control:
            yield Service(urls["url"], calls, control)


def offset_of(call: dict[str, Any]) -> int:
    """Read which update a poll waits for: all before it are confirmed."""
    form = parse_qs(call["body"] or "")
    return int(call["query"].get("offset") or form.get("offset", ["0"])[0])
