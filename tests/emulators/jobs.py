"""What both image providers share: paid jobs that queue, run, end, cost money and call back."""

import asyncio
import json
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import aiohttp
from aiohttp import web
from typing_extensions import override

from tests.emulators.making import Made, make
from tests.emulators.schema import Model, cost
from tests.emulators.server import Answer, Emulator, Fault

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "aborted"]
ENDED: frozenset[State] = frozenset({"succeeded", "failed", "cancelled", "aborted"})
FAILURES: Mapping[str, State] = {
    "invalid": "failed",
    "nsfw": "failed",
    "failed": "failed",
    "error_object": "failed",
    "aborted": "aborted",
}
STEPS = 4
WEBHOOK_FAULTS = frozenset({"lost", "twice", "bad_signature", "old_timestamp", "unknown_key"})


@dataclass
class Job:
    """One accepted order, from its first byte to its bill."""

    id: str
    endpoint: str
    model: Model = field(repr=False)
    input: dict[str, Any]
    headers: Mapping[str, str]
    input_size: tuple[int, int] | None = None
    webhook: str | None = None
    events: tuple[str, ...] = ()
    accepted_at: float = field(default_factory=time.time)
    started_at: float | None = None
    ended_at: float | None = None
    state: State = "queued"
    logs: list[str] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    flaw: Fault | None = None
    gone: bool = False
    urls: list[str] = field(default_factory=list)
    version: str | None = None
    destination: str | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to this job any more."""
        return self.state in ENDED

    @property
    def seed(self) -> int:
        """The seed that was asked for, or one made from the id."""
        asked = self.input.get("seed")
        return zlib.crc32(self.id.encode()) if asked is None else asked

    def announce(self) -> None:
        """Wake everyone who waits for news of this job."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def end(self, seconds: float) -> bool:
        """Wait for the end of this job; False when it did not come in time."""
        try:
            async with asyncio.timeout(seconds):
                while not self.ended:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def news(self, seconds: float) -> bool:
        """Wait for the next change; False when none came in time."""
        try:
            await asyncio.wait_for(self._changed.wait(), max(seconds, 0))
        except TimeoutError:
            return False
        return True


class JobEmulator(Emulator):
    """A provider of paid jobs, which end by the clock, or only by `finish` when `manual`."""

    max_body = 160 * 1024 * 1024
    key = ""
    faults: Mapping[str, frozenset[str]] = {}
    outcomes: frozenset[str] = frozenset({"nsfw", "nsfw_black", "fewer", "zero", "failed"})

    def __init__(self) -> None:
        super().__init__()
        self.queue_seconds = 0.0
        self.run_seconds = 0.0
        self.scale = 1.0
        """Of the pictures that are drawn; they are billed as they were asked for."""
        self.manual = False
        self.concurrency: int | None = None
        self.jobs: list[Job] = []
        self.bills: dict[str, int] = {}
        self.deliveries: list[tuple[str, int]] = []
        self._by_id: dict[str, Job] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._calls_back: set[asyncio.Task[None]] = set()
        self._group = asyncio.TaskGroup()

    # --- what a test says ----------------------------------------------------------------------

    @override
    def fault(self, place: str, name: str, times: int = 1, **values: Any) -> Fault:
        if name not in self.faults.get(place, frozenset()):
            raise ValueError(f"{type(self).__name__} knows no fault {name!r} at {place!r}")
        return super().fault(place, name, times, **values)

    def job(self, identifier: str) -> Job:
        """Find an accepted job; raises LookupError when there is none."""
        return self._by_id[identifier]

    def advance(self, identifier: str, state: State, *logs: str) -> None:
        """Move a job to a state, even backwards, and add lines to its log."""
        self._move(self.job(identifier), state, logs)

    def finish(self, identifier: str) -> None:
        """End a job well, unless a fault was set for its outcome."""
        self._finish(self.job(identifier))

    def forget(self, identifier: str) -> None:
        """Delete what a finished job left, as retention does; the bill stays."""
        self.job(identifier).gone = True

    @property
    def billed(self) -> int:
        """The sum of all bills in micro-dollars."""
        return sum(self.bills.values())

    # --- what a subclass adds ------------------------------------------------------------------

    def deliver(self, job: Job) -> None:
        """Put the made pictures where the client can fetch them and note their addresses."""
        raise NotImplementedError

    def news_for(self, job: Job, event: str) -> dict[str, Any] | None:
        """Write the body of a call-back about an event; None when the service sends none."""
        raise NotImplementedError

    def sign(self, identifier: str, raw: bytes, flaw: str = "") -> dict[str, str]:
        """Sign a call-back, or sign it wrongly in the way of a flaw."""
        raise NotImplementedError

    # --- the life of a job ---------------------------------------------------------------------

    def accept(self, job: Job) -> None:
        """Take an order: from here on it costs money."""
        self.jobs.append(job)
        self._by_id[job.id] = job
        self.notify(job, "start")
        if not self.manual:
            self.later(self.queue_seconds, lambda: self._start(job))

    def cancel(self, job: Job, state: State = "cancelled") -> None:
        """End a job before it made anything."""
        if not job.ended:
            self._move(job, state, ())

    def _start(self, job: Job) -> None:
        running = sum(other.state == "running" for other in self.jobs)
        if job.state != "queued" or (self.concurrency is not None and running >= self.concurrency):
            return
        self._move(job, "running", (f"Using seed: {job.seed}",))
        if not self.run_seconds:
            self._finish(job)
            return
        for step in range(1, STEPS):
            line = f"{100 * step // STEPS:3}%|{'#' * step:4}| {step * 7}/28 [00:01<00:03, 7.1it/s]"
            self.later(self.run_seconds * step / STEPS, lambda line=line: self._log(job, line))
        self.later(self.run_seconds, lambda: self._finish(job))

    def _log(self, job: Job, line: str) -> None:
        if job.state == "running":
            self._move(job, "running", (line,))

    def _finish(self, job: Job) -> None:
        if job.ended:
            return
        job.flaw = job.flaw or self.take("result", self.outcomes)
        state = FAILURES.get(job.flaw.name if job.flaw else "", "succeeded")
        if state == "succeeded":
            job.made = make(job, job.flaw.name if job.flaw else "", self.scale)
            self.deliver(job)
            self._bill(job)
            self.notify(job, "output")
        self._move(job, state, ())

    def _bill(self, job: Job) -> None:
        steps = job.model.value(job.input, "steps") or 0
        sizes = [(made.width, made.height) for made in job.made]
        self.bills[job.id] = cost(job.model.price, sizes, steps)

    def _move(self, job: Job, state: State, logs: Iterable[str]) -> None:
        job.state = state
        job.logs.extend(logs)
        if state != "queued" and job.started_at is None:
            job.started_at = time.time()
        if job.ended:
            job.ended_at = time.time()
            self.notify(job, "completed")
            self._fill_free_places()
        elif logs:
            self.notify(job, "logs")
        job.announce()

    def _fill_free_places(self) -> None:
        if self.concurrency is None or self.manual:
            return
        ready = time.time() - self.queue_seconds
        for job in self.jobs:
            if job.state == "queued" and job.accepted_at <= ready:
                self._start(job)

    # --- faults, timers and call-backs ---------------------------------------------------------

    def take(self, place: str, names: Iterable[str]) -> Fault | None:
        """Take the first fault due at a place that has one of the names."""
        due = self._faults[place]
        for fault in due:
            if fault.name in names:
                due.remove(fault)
                fault.met.set()
                return fault
        return None

    def refuse(self, rule: str) -> None:
        """Note that the client broke a rule of the wire contract."""
        self.broken_rules.append(rule)

    def notify(self, job: Job, event: str) -> None:
        """Call the client's webhook without waiting for its answer."""
        body = self.news_for(job, event) if job.webhook is not None else None
        if job.webhook is None or body is None:
            return
        fault = self.next_fault("webhook") if event == "completed" else None
        name = fault.name if fault else ""
        raw = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self.sign(job.id, raw, name)}
        for _ in range({"lost": 0, "twice": 2}.get(name, 1)):
            task = self._group.create_task(self._post(job.webhook, raw, headers))
            self._calls_back.add(task)
            task.add_done_callback(self._calls_back.discard)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send one signed call-back and note how it was answered (0: not at all)."""
        timeout = aiohttp.ClientTimeout(total=15)
        status = 0
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            pass
        self.deliveries.append((url, status))

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after some time, or at once."""
        if seconds <= 0:
            act()
            return

        def fire() -> None:
            self._timers.discard(handle)
            act()

        handle = asyncio.get_running_loop().call_later(seconds, fire)
        self._timers.add(handle)

    @override
    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return await super().__aenter__()

    @override
    async def __aexit__(self, *_: object) -> None:
        for work in (*self._timers, *self._calls_back):
            work.cancel()
        await super().__aexit__(*_)
        await self._group.__aexit__(None, None, None)

    @override
    @web.middleware
    async def _record(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        if request.match_info.http_exception is not None:
            self.refuse(f"no such route: {request.method} {request.path}")
        return await super()._record(request, handler)
