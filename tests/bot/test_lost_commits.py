"""A commit that stands although its answer was lost, as when a server's connection breaks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.intake import Intake
from bot.web_chat.inbound import HOME, OWNER
from bot.web_chat.outbound import WebMessenger
from core.context import Address, Ask, Context
from core.errors import StoreFailing
from core.ports import Database, UnitOfWork
from tests.dialogs.dialog import DEADLINE
from tests.studio import studio_at


@dataclass
class Losing:
    """A real database behind a connection that breaks at the answer to a commit."""

    real: Database
    losing: int = 0

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.real.reading()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[UnitOfWork]:
        async with self.real.transaction() as tx:
            yield tx
        if self.losing:
            self.losing -= 1
            raise StoreFailing("database_unreachable", detail="broke in COMMIT")


@pytest.mark.parametrize("lost", ["asking", "answering"])
async def test_an_ask_whose_commit_was_not_heard_of_is_answered_all_the_same(
    tmp_path: Path, lost: str
) -> None:
    web = WebMessenger(lambda: datetime.now(UTC))
    context = Context(
        request="web:ask-0001", address=Address(HOME, reply_to="web:ask-0001"), user=OWNER
    )
    asks = [Ask(context=context, words="a fox")]
    async with studio_at(tmp_path, lambda *_: {"web": web}) as home, asyncio.TaskGroup() as group:
        database = Losing(home.studio.database)
        intake = Intake(replace(home.studio, database=database), home.worker, group)
        if lost == "asking":
            database.losing = 1
            with pytest.raises(StoreFailing):
                await intake.put(asks)
        new = await intake.put(asks)
        database.losing = int(lost == "answering")
        with web.feed() as feed:
            intake.start(new)
            async with asyncio.timeout(DEADLINE):
                while not (event := await feed.get()) or event.name != "line":
                    pass
        assert await intake.put(asks) == ()
        assert event.data["shots"], event.data["text"]
