"""The ledger and the jobs against a model of them: any steps, in any order, with crashes."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from typing_extensions import override

from core.budget import EVERYONE, Cap, Period, Scope, scopes
from core.context import Address, Chat
from core.doubt import doubted, given_up
from core.errors import Conflict
from core.job import AFTER, Job, Status
from storage.chain import first_break
from storage.database import SqlDatabase
from tests.storage.samples import ANNA, BEN, NOW, job

PLACES = (
    Address(Chat("discord", "1", "a"), server="9"),
    Address(Chat("discord", "2"), server="9"),
    Address(Chat("telegram", "1")),
)
SCOPES = sorted(
    {one for who in (ANNA, BEN) for place in PLACES for one in scopes(who, place)}, key=str
)
CAPS = st.lists(
    st.builds(Cap, st.sampled_from(SCOPES), st.sampled_from(Period), st.integers(0, 300)),
    max_size=4,
)

UNDER_WAY = {Status.SUBMITTING, Status.SUBMITTED, Status.FETCHING}
CRASHES = st.sampled_from([False, False, False, True])


class CrashError(Exception):
    """Ends a transaction before its commit."""


@cache
def template() -> Path:
    """Make a new database once; copies need no migration."""
    file = Path(tempfile.mkdtemp()) / "studio.db"

    async def make() -> None:
        async with SqlDatabase.open(f"sqlite+aiosqlite:///{file}"):
            pass

    asyncio.run(make())
    return file


class Money(RuleBasedStateMachine):
    """`entries` is the model: what every job was held and closed for, and on which day."""

    names = Bundle("names")

    @initialize(target=names)
    def open(self) -> Any:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template(), self.folder / "studio.db")
        self.stack = AsyncExitStack()
        opened = SqlDatabase.open(f"sqlite+aiosqlite:///{self.folder}/studio.db")
        self.database = self.runner.run(self.stack.enter_async_context(opened))
        self.now = NOW
        self.day = date.min
        self.jobs: dict[str, Job] = {}
        self.earlier: list[Job] = []
        self.entries: dict[str, tuple[int, date]] = {}
        place, amounts = PLACES[0], (10, 100, 200)
        return multiple(*(self.hold(ANNA, place, amount, [], crash=False) for amount in amounts))

    @override
    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.check_chain())
            self.runner.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)

    async def check_chain(self) -> None:
        async with self.database.writer.connect() as connection:
            assert await first_break(connection) is None

    def spent(self, scope: Scope, period: Period) -> int:
        begins = period.begins(max(self.day, self.now.date()))
        return sum(
            amount
            for name, (amount, day) in self.entries.items()
            if day >= begins and scope in scopes(self.jobs[name].user, self.jobs[name].address)
        )

    @rule(
        target=names,
        user=st.sampled_from([ANNA, BEN]),
        place=st.sampled_from(PLACES),
        amount=st.integers(0, 200),
        caps=CAPS,
        crash=CRASHES,
    )
    def hold(self, user: Any, place: Address, amount: int, caps: list[Cap], *, crash: bool) -> Any:
        name = f"job{len(self.jobs)}"
        new = job(name, user=user, address=place, hold=amount)
        binding = [cap for cap in caps if cap.scope in scopes(user, place)]
        fits = all(self.spent(cap.scope, cap.period) + amount <= cap.amount for cap in binding)
        taken = self.runner.run(self.add(new, binding, crash=crash))
        assert taken == (not crash and (fits or amount == 0))
        if not taken:
            return multiple()
        self.jobs[name] = new
        self.day = max(self.day, self.now.date())
        self.entries[name] = (amount, self.day)
        return name

    async def add(self, new: Job, caps: list[Cap], *, crash: bool) -> bool:
        with suppress(CrashError):
            async with self.database.transaction() as tx:
                if await tx.ledger.hold(new, caps, self.now):
                    await tx.jobs.add(new)
                    if crash:
                        raise CrashError
                    return True
        return False

    @rule(name=names, data=st.data(), crash=CRASHES)
    def step(self, name: str, data: st.DataObject, *, crash: bool) -> None:
        """Go on as a worker does."""
        ways = sorted(AFTER[self.jobs[name].status] & UNDER_WAY)
        if ways:
            status = data.draw(st.sampled_from(ways))
            self.write(name, lambda job: job.to(status), crash=crash)

    @rule(name=names, crash=CRASHES)
    def doubt(self, name: str, *, crash: bool) -> None:
        """Lose the answer to an order, or look for it anew."""
        if self.jobs[name].status is Status.QUEUED:
            self.write(name, lambda job: job.to(Status.SUBMITTING), crash=False)
        self.write(name, lambda job: doubted(job, self.now), crash=crash)

    @rule(name=names, crash=CRASHES)
    def give_up(self, name: str, *, crash: bool) -> None:
        """Free what an order in doubt holds."""
        self.write(name, lambda job: given_up(job, self.now), crash=crash)

    @rule(
        name=names,
        status=st.sampled_from([Status.DONE, Status.FAILED, Status.CANCELLED]),
        cost=st.none() | st.integers(0, 250),
        crash=CRASHES,
    )
    def end(self, name: str, status: Status, cost: int | None, *, crash: bool) -> None:
        """End a job, its money settled, or released when it has no cost."""
        self.write(name, lambda job: job.to(status, cost=cost, finished_at=self.now), crash=crash)

    def write(self, name: str, change: Callable[[Job], Job], *, crash: bool) -> None:
        """Take a step in one transaction; the model knows which steps there are."""
        was = self.jobs[name]
        try:
            new = change(was)
        except Conflict:
            return
        assert new.status in AFTER[was.status] or new.status is was.status is Status.IN_DOUBT
        self.runner.run(self.save(new, was, crash=crash))
        if not crash:
            event(f"{was.status} to {new.status}")
            self.jobs[name] = new
            self.earlier.append(was)
            if new.finished:
                self.entries[name] = (new.cost or 0, self.entries[name][1])

    async def save(self, new: Job, was: Job, *, crash: bool) -> None:
        with suppress(CrashError):
            async with self.database.transaction() as tx:
                await tx.jobs.save(new, was)
                if new.finished and new.cost is None:
                    await tx.ledger.release(new.id, self.now)
                elif new.finished:
                    await tx.ledger.settle(new.id, new.cost or 0, self.now)
                await tx.outbox.put(new.id, self.now)
                if crash:
                    raise CrashError

    @precondition(lambda self: self.earlier)
    @rule(data=st.data(), cost=st.none() | st.integers(0, 250))
    def come_too_late(self, data: st.DataObject, cost: int | None) -> None:
        """End a job from a state that it has left: whoever holds it is overtaken."""
        was = data.draw(st.sampled_from(self.earlier))
        if was.status is not self.jobs[was.id].status:
            late = replace(was, status=Status.FAILED, cost=cost)
            with pytest.raises(Conflict):
                self.runner.run(self.save(late, was, crash=False))

    @rule(name=names, cost=st.none() | st.integers(0, 250))
    def close_again(self, name: str, cost: int | None) -> None:
        """Close what is closed: the same is nothing new, and anything else is refused."""
        if self.jobs[name].finished:
            with suppress(Conflict):
                self.runner.run(self.close(name, cost))

    async def close(self, name: str, cost: int | None) -> None:
        async with self.database.transaction() as tx:
            if cost is None:
                await tx.ledger.release(name, self.now)
            else:
                await tx.ledger.settle(name, cost, self.now)

    @rule(name=names)
    def cancel(self, name: str) -> None:
        """Ask to cancel, in whatever state; no step forgets it."""
        self.runner.run(self.ask_to_cancel(name))
        self.jobs[name] = replace(self.jobs[name], cancel_asked=True)

    async def ask_to_cancel(self, name: str) -> None:
        async with self.database.transaction() as tx:
            await tx.jobs.ask_to_cancel(name)

    @rule(hours=st.sampled_from([-24 * 400, -24, -1, 1, 24, 24 * 31]))
    def turn_the_clock(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.compare())

    async def compare(self) -> None:
        async with self.database.reading() as tx:
            counted = list(itertools.product((EVERYONE, SCOPES[1]), Period))
            sums = await tx.ledger.sums(counted, self.now)
            assert sums == tuple(itertools.starmap(self.spent, counted))
            for name, expected in self.jobs.items():
                assert await tx.jobs.get(name) == expected
            opened = {one.id for one in await tx.jobs.open(["telegram", "discord"])}
            assert opened == {name for name, one in self.jobs.items() if not one.finished}


Money.TestCase.settings = settings(max_examples=20, stateful_step_count=40, deadline=None)
TestMoney = Money.TestCase
