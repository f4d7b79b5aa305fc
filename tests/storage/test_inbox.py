"""What was asked is kept once, until it is answered."""

from storage.database import SqlDatabase
from tests.storage.samples import NOW, ask


async def test_an_asking_that_comes_twice_is_new_once(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        assert await tx.inbox.put([ask(1), ask(2), ask(1)], NOW) == (ask(1), ask(2))
    async with database.transaction() as tx:
        assert await tx.inbox.put([ask(2), ask(3)], NOW) == (ask(3),)
        assert await tx.inbox.waiting() == (ask(1), ask(2), ask(3))


async def test_what_was_answered_waits_no_more_and_is_still_found(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.inbox.put([ask(1), ask(2)], NOW)
        await tx.inbox.handled("telegram:1", NOW)
        assert await tx.inbox.waiting() == (ask(2),)
        assert await tx.inbox.get("telegram:1") == ask(1)
        assert await tx.inbox.get("telegram:9") is None
