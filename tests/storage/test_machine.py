"""The ledger and the jobs against a model of them: any steps, in any order, with crashes."""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from typing_extensions import override

from core.budget import EVERYONE, Cap, Period, Scope, scopes
from core.context import Address, Chat
from core.errors import Conflict
from core.job import Job, Status
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

    held = Bundle("held")
    closed = Bundle("closed")

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template(), self.folder / "studio.db")
        self.stack = AsyncExitStack()
        opened = SqlDatabase.open(f"sqlite+aiosqlite:///{self.folder}/studio.db")
        self.database = self.runner.run(self.stack.enter_async_context(opened))
        self.now = NOW
        self.day = date.min
        self.jobs: dict[str, Job] = {}
        self.entries: dict[str, tuple[int, date]] = {}

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
        target=held,
        user=st.sampled_from([ANNA, BEN]),
        place=st.sampled_from(PLACES),
        amount=st.integers(0, 200),
        caps=CAPS,
        crash=st.booleans(),
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

    @rule(target=closed, name=consumes(held), cost=st.none() | st.integers(0, 250))
    def close(self, name: str, cost: int | None) -> str:
        was = self.jobs[name]
        ending = was.to(Status.FAILED, cost=cost)
        self.runner.run(self.end(name, cost, ending, was))
        self.jobs[name] = ending
        self.entries[name] = (cost or 0, self.entries[name][1])
        return name

    async def end(self, name: str, cost: int | None, ending: Job, was: Job) -> None:
        async with self.database.transaction() as tx:
            await tx.jobs.save(ending, was)
            if cost is None:
                await tx.ledger.release(name, self.now)
            else:
                await tx.ledger.settle(name, cost, self.now)

    @rule(name=closed, cost=st.none() | st.integers(0, 250))
    def close_again(self, name: str, cost: int | None) -> None:
        done = self.jobs[name]
        with suppress(Conflict):
            self.runner.run(self.end(name, cost, done, replace(done, status=Status.QUEUED)))

    @rule(hours=st.sampled_from([-24 * 400, -24, -1, 1, 24, 24 * 31]))
    def turn_the_clock(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.compare())

    async def compare(self) -> None:
        async with self.database.reading() as tx:
            for scope in (EVERYONE, SCOPES[1]):
                for period in Period:
                    assert await tx.ledger.spent(scope, period, self.now) == self.spent(
                        scope, period
                    )
            for name, expected in list(self.jobs.items())[-2:]:
                assert await tx.jobs.get(name) == expected


Money.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestMoney = Money.TestCase
