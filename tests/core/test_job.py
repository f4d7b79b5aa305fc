"""The strictly forward life of a job."""

from datetime import UTC, datetime
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context import Address, Chat, User
from core.errors import Conflict
from core.job import AFTER, OPEN, Job, Status
from core.work import Generation


def job(status: Status = Status.QUEUED) -> Job:
    work = Generation(prompt="a fox", width=64, height=64, aspect_ratio="1:1", seed=1)
    return Job(
        id="j",
        request="web:1",
        number=0,
        address=Address(Chat("web", "home")),
        user=User("web", "owner"),
        locale="en",
        provider="sketch",
        model="sketch",
        work=work,
        hold=0,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        status=status,
    )


@given(st.lists(st.sampled_from(Status), max_size=12))
def test_a_job_never_comes_back_to_where_it_was_except_out_of_doubt(wanted: list[Status]) -> None:
    walked = [job()]
    for status in wanted:
        try:
            walked.append(walked[-1].to(status))
        except Conflict:
            assert status not in AFTER[walked[-1].status]
    states = [status for status, _ in groupby(one.status for one in walked)]
    assert all(states.count(state) == 1 for state in states)


def test_an_open_job_can_always_end() -> None:
    for status in OPEN:
        assert Status.FAILED in AFTER[status]
        assert Status.CANCELLED in AFTER[status]


def test_a_finished_job_takes_no_step() -> None:
    for status in (Status.DONE, Status.FAILED, Status.CANCELLED):
        assert job(status).finished
        with pytest.raises(Conflict):
            job(status).to(Status.SUBMITTING)
