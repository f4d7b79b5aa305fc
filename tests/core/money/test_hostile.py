"""Answers that only a broken or hostile provider gives: the job ends, and its bill is right."""

from typing import Any

import pytest

from core.job import Status
from tests.core.money.desk import BOSS, Desk
from tests.emulators.fal import FalEmulator

FOX = "/imagine a fox --model flux-dev"
CUT = "half a \ud83d of \0 a smile"
"""What is left where somebody cut an emoji in two, and a zero: no database keeps either."""


@pytest.mark.parametrize(
    ("place", "code", "body", "status"),
    [
        ("submit", 400, {"detail": CUT}, Status.FAILED),
        ("submit", 403, {"detail": CUT}, Status.FAILED),
        ("submit", 200, {"request_id": CUT}, Status.IN_DOUBT),
        ("submit", 200, {"request_id": "x" * 100_000}, Status.IN_DOUBT),
        ("result", 422, {"detail": [{"loc": [CUT], "msg": CUT, "type": CUT}]}, Status.FAILED),
    ],
)
async def test_words_that_no_database_keeps_end_a_job_like_others(
    desk: Desk, falai: FalEmulator, place: str, code: int, body: dict[str, Any], status: Status
) -> None:
    falai.fault(place, "status", code=code, body=body)
    (job,) = await desk.order(BOSS, FOX)
    await desk.reached(job, status)
