"""Every value comes back as it was written."""

from contextlib import suppress
from datetime import timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.context import Address, Chat, User
from core.job import Job, Remote, Status
from core.replies import Button, Form, Menu, Progress, Removed, Reply, Text
from core.work import Edit, Generation
from storage.columns import EPOCH, MICROSECOND
from storage.database import SqlDatabase
from tests.storage.samples import CHAT, NOW, job, shown

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
values = st.dictionaries(
    words,
    words | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    max_size=4,
)
moments = st.integers(0, 2**52).map(lambda count: EPOCH + count * MICROSECOND)
money = st.integers(0, 2**60)
maybe = st.none()
shape = {
    "prompt": words,
    "width": st.integers(1, 9000),
    "height": st.integers(1, 9000),
    "aspect_ratio": words,
    "seed": maybe | st.integers(0, 2**31),
    "guidance_scale": maybe | st.floats(0, 20),
}
works = st.builds(Generation, **shape) | st.builds(
    Edit, image=words, strength=maybe | st.floats(0, 1), **shape
)
jobs = st.builds(
    Job,
    id=st.just("job1"),
    request=words,
    number=st.integers(0, 99),
    address=st.builds(Address, st.builds(Chat, words, words, words), words, words),
    user=st.builds(User, words, words, words),
    locale=words,
    provider=words,
    model=words,
    work=works,
    hold=money,
    created_at=moments,
    status=st.sampled_from(Status),
    private=st.booleans(),
    parent=words,
    remote=maybe | st.builds(Remote, id=words, urls=st.dictionaries(words, words, max_size=3)),
    cost=maybe | money,
    error=words,
    error_values=values,
    cancel_asked=st.booleans(),
    status_message=words,
    finished_at=maybe | moments,
)
"""Any job that could be written."""


class UndoneError(Exception):
    """Ends a transaction without a trace."""


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jobs)
async def test_any_job_comes_back_as_it_was_written(database: SqlDatabase, written: Job) -> None:
    with suppress(UndoneError):
        async with database.transaction() as tx:
            await tx.jobs.add(written)
            read = await tx.jobs.get(written.id)
            # repr tells 1 from 1.0 and True, and shows the name that == leaves out.
            assert repr(read) == repr(written)
            raise UndoneError


REPLIES: tuple[Reply, ...] = (
    Text("key", {"whole": 1, "real": 1.0, "yes": True, "words": "1"}, (Text("line"),)),
    Menu(Text("ask"), (Button("token", "label", {"price": 0.5}),)),
    Form("imagine", "prompt", Text("what")),
    Progress("job1", position=3),
    Removed("job1", Text("gone"), ("1", "2")),
    shown("job1"),
)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.kind)
async def test_every_kind_of_reply_comes_back_with_its_types(
    database: SqlDatabase, reply: Reply
) -> None:
    async with database.transaction() as tx:
        await tx.history.answered(CHAT, reply, NOW, request="telegram:1")
    async with database.reading() as tx:
        kept = await tx.history.reply_to("telegram:1")
        assert kept is not None
        assert repr(kept.reply) == repr(reply)


async def test_a_moment_of_another_time_zone_comes_back_in_utc(database: SqlDatabase) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    async with database.transaction() as tx:
        await tx.jobs.add(job(created_at=there))
        read = await tx.jobs.get("job1")
    assert read is not None
    assert repr(read.created_at) == repr(NOW)
