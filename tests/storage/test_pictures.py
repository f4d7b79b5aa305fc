"""Pictures belong to jobs, and bytes go only when nobody shares them."""

from core.context import Chat
from storage.database import SqlDatabase
from tests.storage.samples import CHAT, NOW, job, picture

ELSEWHERE = Chat("telegram", "-200")


async def test_pictures_of_a_job_come_by_position(database: SqlDatabase) -> None:
    second, first = picture("job1", 2, "bb"), picture("job1", 1, "aa")
    async with database.transaction() as tx:
        await tx.jobs.add(job())
        await tx.pictures.add([second, first])
        await tx.pictures.add([])
        assert await tx.pictures.of_job("job1") == (first, second)


async def test_forgetting_names_only_the_bytes_that_nobody_shares(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        for name in ("job1", "job2"):
            await tx.jobs.add(job(name))
        mine = [picture("job1", place, sha) for place, sha in enumerate(("aa", "bb", "cc", "cc"))]
        await tx.pictures.add([*mine, picture("job2", 1, "aa")])
        await tx.pictures.sent("bb", ELSEWHERE, NOW)
        assert await tx.pictures.forget("job1") == ("cc",)
        assert await tx.pictures.forget("job2") == ("aa",)
        assert await tx.pictures.of_job("job1") == ()


async def test_a_chat_knows_what_was_made_or_sent_in_it_and_no_more(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.jobs.add(job())
        await tx.pictures.add([picture("job1", 1, "made")])
        for _ in range(2):
            await tx.pictures.sent("sent", CHAT, NOW)
        for sha256 in ("made", "sent"):
            assert await tx.pictures.known(sha256, CHAT)
            assert not await tx.pictures.known(sha256, ELSEWHERE)
        assert not await tx.pictures.known("neither", CHAT)
