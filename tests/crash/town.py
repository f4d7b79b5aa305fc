"""Everything around the program, each in a process of its own: four services and its lives."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import httpx

ROOT = Path(__file__).parents[2]
SERVICES = ("telegram", "discord", "fal", "replicate")
START = 30.0
"""Seconds in which a process says where it is."""
DRAINED_WITHIN = 90.0
GOODBYE = 15.0
LOOK = 0.05
"""Seconds between two looks at what other processes do."""

OWED = """
    SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL)
         + (SELECT count(*) FROM jobs
            WHERE status IN ('queued', 'submitting', 'submitted', 'fetching'))
         + (SELECT count(*) FROM outbox WHERE outcome = '')
"""
DOUBTED = "SELECT json_group_array(json(work)) FROM jobs WHERE status = 'in_doubt'"
HEARD = "SELECT count(*) FROM inbox WHERE request LIKE 'telegram:%'"


@dataclass(frozen=True)
class Service:
    """A service in its own process, obeyed and asked through its control port."""

    process: Process
    url: str
    control: str
    http: httpx.AsyncClient

    async def call(self, method: str, *args: Any, **named: Any) -> Any:
        wish = {"method": method, "args": args, "kwargs": named}
        return _value(await self.http.post(self.control, json=wish))

    async def read(self, name: str) -> Any:
        return _value(await self.http.get(f"{self.control}/{name}"))

    async def set(self, name: str, value: Any) -> None:
        (await self.http.put(f"{self.control}/{name}", json=value)).raise_for_status()


@dataclass
class Life:
    """One process of the program."""

    pid: int
    ended: asyncio.Task[int]

    def kill(self) -> None:
        """End it without a warning; one that has ended by itself has ended."""
        if not self.ended.done():
            os.kill(self.pid, signal.SIGKILL)

    def tell_to_stop(self) -> None:
        """Ask it to end, as a service manager does."""
        if not self.ended.done():
            os.kill(self.pid, signal.SIGTERM)

    async def ends(self, within: float) -> bool:
        """Wait for its end."""
        return bool((await asyncio.wait({self.ended}, timeout=within))[0])


@dataclass
class Town:
    """A data directory, the services around it, and who lives there one after another."""

    folder: Path
    services: Mapping[str, Service]
    launcher: Process
    lives: int = 0
    killed: int = 0
    telegram_asks: int = 0
    notes: list[str] = field(default_factory=list[str])
    now: Life | None = None

    @asynccontextmanager
    async def life(self, crash_at: str = "") -> AsyncGenerator[Life]:
        """Start the program; it is killed in the end unless it has died by then."""
        assert self.launcher.stdin is not None
        assert self.launcher.stdout is not None
        self.launcher.stdin.write(f"{crash_at}\n".encode())
        pid = int(await self.launcher.stdout.readline())
        assert pid > 1, "the launcher speaks of something else"
        async with asyncio.TaskGroup() as group:
            life = self.now = Life(pid, group.create_task(_status(self.launcher)))
            try:
                yield life
            finally:
                life.kill()
        self._note_end(crash_at, life.ended.result())

    def _note_end(self, crash_at: str, status: int) -> None:
        self.lives += 1
        self.killed += status == -signal.SIGKILL
        self.append("ends", {"at": time.time(), "crash_at": crash_at, "status": status})

    def append(self, name: str, line: Mapping[str, Any]) -> None:
        """Write a line for the checker."""
        with (self.folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def value(self, query: str, **values: Any) -> Any:
        """Read one value from the program's database; None where there is none."""
        file = self.folder / "data" / "studio.db"
        if not file.exists():
            return None
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as database:
            try:
                row = database.execute(query, values).fetchone()
            except sqlite3.OperationalError:
                return None  # the tables are not there yet
        return row[0] if row else None

    async def until(self, found: Callable[[], Awaitable[object]], seconds: float) -> bool:
        """Look again and again until something is so; False when time or the life ends first."""
        end = time.monotonic() + seconds
        while not await found():
            if time.monotonic() > end or (self.now is not None and self.now.ended.done()):
                return False
            await asyncio.sleep(LOOK)
        return True

    async def discord_listens(self) -> bool:
        return bool(await self.services["discord"].read("listeners"))

    @property
    def owed(self) -> int:
        """How many asks, jobs and promises are open."""
        return int(self.value(OWED) or 0)

    async def drain(self) -> int:
        """Live once more, untouched, until nothing is owed; return the program's exit status."""
        async with self.life() as life:
            if not await self.until(self._settled, DRAINED_WITHIN):
                self.notes.append("the clean life did not drain")
            life.tell_to_stop()
            if not await life.ends(GOODBYE):
                self.notes.append("the clean life did not stop")
        return life.ended.result()

    async def nothing_owed(self) -> bool:
        return await self.heard() and not self.owed and await self.discord_listens()

    async def heard(self) -> bool:
        """Whether everything that was asked in Telegram is kept."""
        return (self.value(HEARD) or 0) >= self.telegram_asks

    async def _settled(self) -> bool:
        """Whether nothing is owed, and no provider has an order that is still searched for."""
        searched = json.loads(self.value(DOUBTED) or "[]")
        taken = [one for name in ("fal", "replicate") for one in await self._taken(name)]
        if any((work["prompt"], work["seed"]) in taken for work in searched):
            return False
        return await self.nothing_owed()  # asked last: what is found meanwhile is owed again

    async def _taken(self, provider: str) -> list[tuple[str, int]]:
        orders = await self.services[provider].read("jobs")
        return [(order["input"]["prompt"], order["input"]["seed"]) for order in orders]

    async def record(self) -> None:
        """Write down what people see and what the providers bill, for the checker."""
        for name in ("fal", "replicate"):
            service = self.services[name]
            kept = {one: await service.read(one) for one in ("jobs", "bills", "broken_rules")}
            self._keep(name, kept)
        self._keep("turned_away", await self.services["fal"].read("turned_away"))
        discord, telegram = self.services["discord"], self.services["telegram"]
        heard = await discord.read("interactions")
        self._keep("interactions", heard)
        rules = {one.url: await one.read("broken_rules") for one in (discord, telegram)}
        self._keep("broken_rules", rules)

    async def record_places(self, telegram: list[int], discord: list[str]) -> None:
        """Write down what stands in every chat."""
        shown = {
            str(chat): await self.services["telegram"].call("messages", chat) for chat in telegram
        }
        self._keep("telegram", shown)
        told = {
            channel: await self.services["discord"].call("messages", channel) for channel in discord
        }
        self._keep("discord", told)

    def _keep(self, name: str, value: Any) -> None:
        (self.folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")


@asynccontextmanager
async def open_town(folder: Path) -> AsyncGenerator[Town]:
    """Start the services and the launcher; end them all."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        running = [
            await stack.enter_async_context(_running(folder, *_emulator(folder, name)))
            for name in SERVICES
        ]
        services = {
            name: Service(process, http=http, **await _said(process))
            for name, process in zip(SERVICES, running, strict=True)
        }
        outputs = await services["replicate"].read("delivery_url")
        hosts = [*(service.url for service in services.values()), outputs]
        (folder / ".env").write_text(_environment(services, hosts), encoding="utf-8")
        launcher = await stack.enter_async_context(_running(folder, "tests.crash.launcher"))
        yield Town(folder, services, launcher)


def _emulator(folder: Path, name: str) -> tuple[str, ...]:
    return ("tests.emulators", name, "--calls", str(folder / f"calls-{name}.jsonl"))


@asynccontextmanager
async def _running(folder: Path, *module: str) -> AsyncGenerator[Process]:
    with (folder / "services.log").open("ab") as errors:
        process = await _started(folder, errors, *module)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _started(folder: Path, errors: BinaryIO, *module: str) -> Process:
    return await create_subprocess_exec(
        *(sys.executable, "-m", *module),
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdin=PIPE,
        stdout=PIPE,
        stderr=errors,
        limit=2**20,
    )


async def _said(process: Process) -> dict[str, str]:
    assert process.stdout is not None
    async with asyncio.timeout(START):
        return json.loads(await process.stdout.readline())


async def _status(launcher: Process) -> int:
    assert launcher.stdout is not None
    return int(await launcher.stdout.readline())


def _value(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()["value"]


def _environment(services: Mapping[str, Service], hosts: Iterable[str]) -> str:
    at = {name: service.url for name, service in services.items()}
    websocket = at["discord"].replace("http", "ws")
    settings = {
        "TELEGRAM_BOT_TOKEN": "1001:test-token",
        "TELEGRAM_API_URL": at["telegram"],
        "DISCORD_BOT_TOKEN": "MQ.loopback.token",
        "DISCORD_API_URL": f"{at['discord']}/api/v10",
        "DISCORD_GATEWAY_URL": f"{websocket}/gateway/ws/",
        "DISCORD_CDN_URL": f"{at['discord']}/cdn",
        "FAL_KEY": "fal-test-key",
        **{f"FAL_{name}_URL": at["fal"] for name in ("QUEUE", "REST", "CDN", "API")},
        "REPLICATE_API_TOKEN": "r8_test",
        "REPLICATE_BASE_URL": at["replicate"],
        "NANO_BANANA_DATA_DIR": "data",
        "NANO_BANANA_WEB_PORT": "0",
        "NANO_BANANA_TRUSTED_HOSTS": ",".join(host.removeprefix("http://") for host in hosts),
        "NANO_BANANA_ACCESS": "everyone",
        "NANO_BANANA_BUDGET_PER_DAY": "100000",
        "NANO_BANANA_BUDGET_PER_USER_PER_DAY": "100000",
        "NANO_BANANA_CONFIRM_ABOVE": "100",
        "NANO_BANANA_ASKS_PER_MINUTE": "100000",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
