"""An order whose answer was lost: what is said of it, and the way out that only people may take."""

from dataclasses import replace
from datetime import datetime

from core.errors import Conflict, Value
from core.job import Job, Status
from core.replies import Button, Menu, Text

SEARCHING = "error.in_doubt"
UNCLEAR = "error.unclear"
GIVEN_UP = "error.given_up"


def doubted(job: Job, now: datetime) -> Job:
    """Begin to search for an order, or begin anew."""
    begun = {"error": SEARCHING, "error_values": _facts(job), "doubted_at": now}
    if job.status is Status.IN_DOUBT:
        return replace(job, **begun)
    return job.to(Status.IN_DOUBT, **begun)


def unclear(job: Job) -> Job:
    """End the search without a find: from here on a person decides."""
    return replace(job, error=UNCLEAR)


def given_up(job: Job, now: datetime) -> Job:
    """End a job that nobody wants to wait for any longer."""
    if job.status is not Status.IN_DOUBT:
        raise Conflict("not_in_doubt", job=job.id)
    return job.to(Status.CANCELLED, error=GIVEN_UP, finished_at=now, cost=0)


def told(job: Job) -> Text | Menu:
    """Say how the search stands; in the end with the two ways on."""
    said = Text(job.error, {**_facts(job), "prompt": job.work.prompt})
    if job.error != UNCLEAR:
        return said
    check = Button(f"check:{job.id}", "button.check")
    return Menu(said, (check, Button(f"giveup:{job.id}", "button.giveup")))


def _facts(job: Job) -> dict[str, Value]:
    return {"job": job.id, "cost": job.hold, "provider": job.provider}
