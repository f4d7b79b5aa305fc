"""So many asks a minute, and no more."""

from core.money.rate import FORGET, Rate


def test_a_burst_is_taken_and_then_one_after_the_other() -> None:
    rate = Rate(4)
    assert [rate.wait("anna", 0.0) for _ in range(6)] == [0.0, 0.0, 0.0, 0.0, 15.0, 15.0]
    assert rate.wait("boris", 0.0) == 0.0
    assert rate.wait("anna", 14.0) == 1.0
    assert [rate.wait("anna", 15.0) for _ in range(2)] == [0.0, 15.0]
    assert [rate.wait("anna", 600.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 15.0]


def test_who_waits_for_nothing_is_forgotten_and_who_waits_is_not() -> None:
    rate = Rate(1)
    assert [rate.wait("anna", 100.0) for _ in range(2)] == [0.0, 60.0]
    for number in range(FORGET):
        rate.wait(f"person{number}", 20.0)
    assert len(rate._paid_until) == FORGET + 1
    rate.wait("late", 100.0)
    assert set(rate._paid_until) == {"anna", "late"}
    assert rate.wait("anna", 101.0) == 59.0


def test_who_was_told_lately_is_not_forgotten_however_many_there_are() -> None:
    rate = Rate(1)
    assert all(rate.tells(str(person), 0.0) for person in range(FORGET))
    assert rate.tells("one more", 30.0)
    assert not rate.tells("7", 30.0)
    assert rate.tells("7", 60.0)
