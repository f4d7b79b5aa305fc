"""Answers that only a broken or hostile provider gives: the job ends, and its bill is right."""

from typing import Any

import pytest

from core.job import Status
from tests.core.money.desk import BOSS, Desk, until
from tests.emulators.fal import FalEmulator
from tests.emulators.pictures import picture

FOX = "/imagine a fox --model flux-dev"
PICTURE = picture(64, 64, "jpeg")
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


@pytest.mark.parametrize("broken", [b"<html>", PICTURE[:400], b"GIF89a" + bytes(100), None])
@pytest.mark.parametrize("bill", [{}, {"X-Fal-Billable-Units": "3"}])
async def test_one_picture_that_is_none_takes_no_other_with_it_and_is_paid(
    desk: Desk, falai: FalEmulator, broken: bytes | None, bill: dict[str, str]
) -> None:
    falai.manual = True
    (job,) = await desk.order(BOSS, f"{FOX} -n 3")
    await until(lambda: bool(falai.jobs))
    urls = [shelved(falai, data) for data in (PICTURE, broken, PICTURE, PICTURE)]
    body = {"images": [{"url": url} for url in urls]}
    falai.fault("result", "status", code=200, body=body, headers=bill)
    falai.finish(falai.jobs[0].id)
    (ended,) = await desk.ended(job)
    async with desk.studio.database.reading() as tx:
        pictures = await tx.pictures.of_job(job)
    assert [one.position for one in pictures] == [1, 2]
    assert ended.cost == await desk.spent() == falai.billed == 3 * 25_000


def shelved(falai: FalEmulator, data: bytes | None) -> str:
    """Put a file on the shelf of the emulated fal; None is one that is gone."""
    name = "gone.jpg" if data is None else falai.shelf.put(lambda: data, "image/jpeg", "jpg")
    return f"{falai.url}/files/b/{name}"
