"""Who is owed a notice, and in which language."""

from dataclasses import replace
from pathlib import Path

from core.context import Address, Ask, Context
from core.notices import notify
from core.replies import Text
from core.studio import Studio
from tests.core.worker.workshop import HOME, OWNER, workshop_at

NEWS = Text("notice.taken", {"provider": "fal"})


async def tell(studio: Studio, occasion: str) -> bool:
    async with studio.database.transaction() as tx:
        return await notify(studio, tx, occasion, NEWS)


async def test_an_operator_is_told_once_in_the_language_of_their_last_order(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        assert await tell(here.studio, "before")
        context = Context(request="web:1", address=Address(HOME), user=OWNER, locale="de")
        ask = Ask(context=context, words="ein Fuchs")
        await here.intake.put([ask])
        await here.intake.answer(ask)
        assert await tell(here.studio, "after")
        assert not await tell(here.studio, "after")
        async with here.studio.database.reading() as tx:
            waiting = await tx.inbox.waiting()
    assert [ask.context.locale for ask in waiting] == ["en", "de"]
    assert {ask.context.user for ask in waiting} == {OWNER}


async def test_a_process_that_reaches_no_operator_owes_nobody_anything(tmp_path: Path) -> None:
    async with workshop_at(tmp_path, working=False) as here:
        terminal = replace(here.studio, messengers={})
        assert not await tell(terminal, "news")
        async with here.studio.database.reading() as tx:
            assert await tx.inbox.waiting() == ()
