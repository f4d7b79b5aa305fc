"""Whose job is next: proved for any line."""

from collections import Counter
from dataclasses import replace
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from core.context import Address, Chat, User
from core.job import Job, Status
from core.worker.queue import (
    PASSED_OVER,
    REMEMBERED,
    Lane,
    Line,
    Shares,
    Waiting,
    choose,
    in_order,
)
from tests.core.test_job import job as plain_job

PEOPLE = ("a", "b", "c", "d")
WIDE = Shares(per_user=10**6, per_provider=10**6)
waiting_jobs = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["fal", "sketch"]), st.sampled_from(Lane)),
    max_size=25,
).map(
    lambda rows: [
        Waiting(f"job{number}", user, provider, "web", lane, number)
        for number, (user, provider, lane) in enumerate(rows)
    ]
)
all_turns = st.permutations(PEOPLE).flatmap(
    lambda order: st.integers(0, 4).map(
        lambda count: {one: n for n, one in enumerate(order[:count])}
    )
)
shares = st.builds(Shares, per_user=st.integers(1, 3), per_provider=st.integers(1, 4))


passed = st.integers(0, PASSED_OVER)


@given(waiting_jobs, waiting_jobs, all_turns, shares, passed)
def test_the_next_is_the_best_lane_then_the_longest_unserved_then_the_oldest(
    waiting: list[Waiting],
    running: list[Waiting],
    turns: dict[str, int],
    caps: Shares,
    passed_over: int,
) -> None:
    one = choose(waiting, running, turns, caps, passed_over)
    users = Counter(job.user for job in running)
    providers = Counter(job.provider for job in running)
    best = [Lane.BEGUN, Lane.KEPT, Lane.ASKED, Lane.BATCH]
    if passed_over == PASSED_OVER:
        best = [Lane.BEGUN, Lane.KEPT, Lane.BATCH, Lane.ASKED]

    def may(job: Waiting) -> bool:
        room = users[job.user] < caps.per_user and providers[job.provider] < caps.per_provider
        return room or job.lane is Lane.BEGUN

    assert (one is None) == (not any(map(may, waiting)))
    if one is not None:
        assert may(one)
        for other in filter(may, waiting):
            assert best.index(one.lane) <= best.index(other.lane)
            if other.lane is one.lane:
                assert turns.get(one.user, -1) <= turns.get(other.user, -1)
                assert other.user != one.user or one.number <= other.number


def job(number: int, user: str, part: int = 0, provider: str = "fal") -> Job:
    return replace(
        plain_job(),
        id=f"job{number}",
        number=part,
        user=User("web", user),
        provider=provider,
        address=Address(Chat("web", user)),
    )


lines = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.integers(0, 1), st.booleans()), max_size=25
).map(
    lambda rows: [
        replace(job(number, user, part), cancel_asked=cancelled)
        for number, (user, part, cancelled) in enumerate(rows)
    ]
)


@given(lines, st.integers(0, 25))
def test_the_told_order_is_the_order_in_which_they_are_called(jobs: list[Job], before: int) -> None:
    line = Line(WIDE)
    for one in jobs:
        line.put(one)
    for _ in range(before):
        line.call(0.0)
    told = line.order()
    assert told == [line.call(0.0) for _ in told]
    assert line.call(0.0) is None


@settings(deadline=None)
@given(lines, st.lists(st.integers(0, 2), min_size=1, max_size=10))
def test_a_batch_has_every_fourth_turn_however_many_ask(
    jobs: list[Job], arrivals: list[int]
) -> None:
    line, names = Line(WIDE), count(100)
    for one in jobs:
        line.put(one)
    since = 0
    for coming in arrivals * 5:
        for _ in range(coming):
            line.put(job(next(names), "crowd"))
        batch_waits = any(one.lane is Lane.BATCH for one in line.order())
        called = line.call(0.0)
        if called is None or called.lane is Lane.BATCH:
            since = 0
        elif called.lane is Lane.ASKED and batch_waits:
            since += 1
        assert since <= PASSED_OVER


def test_a_batch_that_could_not_run_in_its_turn_has_it_as_soon_as_it_can() -> None:
    line = Line(Shares(per_provider=1))
    line.put(job(0, "busy"))
    assert line.call(0.0) is not None
    line.put(job(1, "many", part=1))
    for number in range(2, 2 + 2 * PASSED_OVER):
        line.put(job(number, "else", provider="sketch"))
        called = line.call(0.0)
        assert called is not None
        line.done(called.job)
    for number in range(20, 25):
        line.put(job(number, "crowd"))
    line.done("job0")
    batch = line.call(0.0)
    assert batch is not None
    assert (batch.job, batch.lane) == ("job1", Lane.BATCH)


@given(waiting_jobs)
def test_nobody_waits_longer_than_one_turn_of_everybody_else(waiting: list[Waiting]) -> None:
    asked = [one for one in waiting if one.lane is Lane.ASKED]
    order = in_order(asked, {})
    for person in {one.user for one in asked}:
        first = next(place for place, one in enumerate(order) if one.user == person)
        assert first < len({one.user for one in asked})


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 1)), max_size=25), shares)
def test_the_line_calls_everybody_once_and_never_more_than_their_share(
    rows: list[tuple[str, int]], caps: Shares
) -> None:
    line = Line(caps)
    jobs = [job(number, user, part) for number, (user, part) in enumerate(rows)]
    for one in jobs:
        line.put(one)
    running: list[Waiting] = []
    called: list[str] = []
    while line.order() or running:
        while (one := line.call(0.0)) is not None:
            running.append(one)
            called.append(one.job)
        assert line.running == len(running) <= caps.per_provider
        assert max(Counter(one.user for one in running).values()) <= caps.per_user
        line.done(running.pop(0).job)
    assert sorted(called) == sorted(one.id for one in jobs)


def test_a_cancelled_job_leaves_the_line_at_once() -> None:
    line = Line(Shares(per_user=1))
    for number in range(3):
        line.put(job(number, "a"))
    assert line.call(0.0) is not None
    assert line.call(0.0) is None
    line.put(replace(job(2, "a"), cancel_asked=True))
    left = line.call(0.0)
    assert left is not None
    assert (left.job, left.lane) == ("job2", Lane.BEGUN)


def test_an_order_that_was_not_taken_keeps_its_place_and_takes_nobody_elses_share() -> None:
    line = Line(Shares(per_user=1))
    line.put(job(0, "a"))
    assert line.call(0.0) is not None
    line.put(job(1, "a"))
    line.put(job(2, "a").to(Status.SUBMITTING))
    assert line.call(0.0) is None
    line.done("job0")
    kept = line.call(0.0)
    assert kept is not None
    assert (kept.job, kept.lane) == ("job2", Lane.KEPT)


def test_the_wait_is_told_from_how_the_line_moved() -> None:
    line = Line(WIDE)
    for number in range(10):
        line.put(job(number, "a"))
    for second in range(4):
        assert line.seconds(1, second) is None or second >= 3
        line.call(float(second))
    assert line.seconds(2, 4.0) == 2.0
    assert line.seconds(2, 8.0) == 4.0
    while line.call(9.0):
        pass
    assert line.seconds(1, 9.0) is None


def test_people_of_long_ago_are_forgotten() -> None:
    line = Line(WIDE)
    for number in range(REMEMBERED + 5):
        line.put(job(number, f"p{number}"))
        one = line.call(0.0)
        assert one is not None
        line.done(one.job)
    assert len(line._turns) == REMEMBERED
