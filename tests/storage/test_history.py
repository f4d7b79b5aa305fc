"""What was said stays in its chat and is found by page, by platform id and by request."""

from core.context import Address, Chat, Context
from core.replies import Progress, Text
from storage.database import SqlDatabase
from storage.history import newest
from tests.storage.plans import plan
from tests.storage.samples import ANNA, CHAT, NOW, shown

ASKED = Context(request="telegram:1", address=Address(CHAT, "41"), user=ANNA)


async def test_a_page_is_the_newest_of_its_thread_oldest_first(database: SqlDatabase) -> None:
    other = Chat(CHAT.platform, CHAT.id, "8")
    async with database.transaction() as tx:
        await tx.history.asked(ASKED, "a fox", NOW)
        for number in range(5):
            await tx.history.answered(CHAT, Text(f"said{number}"), NOW, platform_ids=[str(number)])
            await tx.history.answered(other, Text("elsewhere"), NOW)
        page = await tx.history.page(CHAT, 3)
        assert [one.reply for one in page] == [Text("said2"), Text("said3"), Text("said4")]
        assert page[-1].platform_ids == ("4",)
        first, *_ = await tx.history.page(CHAT, 3, before=page[0].id)
    assert (first.asked, first.user, first.at, first.reply) == ("a fox", ANNA, NOW, None)


async def test_a_page_is_read_from_the_index_alone(sqlite: SqlDatabase) -> None:
    for before in (None, 1000):
        (step,) = await plan(sqlite, newest(CHAT, 20, before))
        assert step.startswith("SEARCH messages USING INDEX messages_of_chat (platform=? AND chat=")


async def test_a_request_keeps_its_first_answer(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        await tx.history.asked(ASKED, "a fox", NOW)
        assert await tx.history.reply_to("telegram:1") is None
        first = await tx.history.answered(CHAT, Text("first"), NOW, request="telegram:1")
        again = await tx.history.answered(CHAT, Text("second"), NOW, request="telegram:1")
        assert again == first
        kept = await tx.history.reply_to("telegram:1")
        assert kept is not None
        assert (kept.id, kept.reply) == (first, Text("first"))
        assert len(await tx.history.page(CHAT, 9)) == 2


async def test_each_message_of_an_album_leads_to_it(database: SqlDatabase) -> None:
    async with database.transaction() as tx:
        album = await tx.history.answered(CHAT, shown("job1"), NOW)
        await tx.history.sent(album, ["52", "51"])
        for platform_id in ("51", "52"):
            found = await tx.history.find(CHAT, platform_id)
            assert found is not None
            assert (found.id, found.job, found.platform_ids) == (album, "job1", ("52", "51"))
        assert await tx.history.find(Chat("discord", CHAT.id), "51") is None


async def test_a_status_line_that_became_the_picture_is_found_as_the_picture(
    database: SqlDatabase,
) -> None:
    async with database.transaction() as tx:
        await tx.history.answered(CHAT, Progress("job1"), NOW, platform_ids=["51"])
        picture = await tx.history.answered(CHAT, shown("job1"), NOW, platform_ids=["51", "52"])
        found = await tx.history.find(CHAT, "51")
    assert found is not None
    assert found.id == picture


async def test_a_forgotten_job_is_gone_from_the_chat_but_not_what_was_asked(
    database: SqlDatabase,
) -> None:
    async with database.transaction() as tx:
        await tx.history.asked(ASKED, "a fox", NOW)
        await tx.history.answered(CHAT, shown("job1"), NOW, platform_ids=["51"])
        await tx.history.answered(CHAT, shown("job2"), NOW, platform_ids=["52"])
        assert [one.platform_ids for one in await tx.history.messages_of_job("job1")] == [("51",)]
        await tx.history.forget_job("job1")
        assert await tx.history.messages_of_job("job1") == ()
        assert await tx.history.find(CHAT, "51") is None
        assert [one.job for one in await tx.history.page(CHAT, 9)] == ["", "job2"]
