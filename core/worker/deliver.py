"""The outbox: a result is delivered when the platform has said yes, and not before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from core import metrics
from core.doubt import told
from core.errors import DeliveryFailed
from core.job import Job, Status
from core.notices import hourly, notify
from core.picture import Picture
from core.ports import Delivery
from core.replies import Reply, Text
from core.show import refund, shown
from core.studio import Studio
from core.worker.again import again, later
from core.worker.insist import insisting
from core.worker.reach import Reach

log = structlog.get_logger(__name__)

USUAL = timedelta(minutes=1)
"""A result that took longer and outlived a restart says so."""


async def deliver(studio: Studio, delivery: Delivery, began: datetime, reach: Reach) -> None:
    """Tell the chat how a job ended; a refusal is noted and tried again later.

    `began` is when this process did: what was asked before and took long is marked as late. A
    platform that gives no answer at all refuses nothing: the promise stays as it is, and due.
    """
    async with studio.database.reading() as tx:
        job = await tx.jobs.get(delivery.job)
        pictures = await tx.pictures.of_job(delivery.job)
    if job is None:
        return
    if job.status is not delivery.ending:
        await _withdraw(studio, delivery)
        return
    late = job.created_at < began and studio.now() - job.created_at > USUAL
    reply = announce(studio, job, pictures, late=late)
    if delivery.promised_at < began:
        await _count(studio, delivery)
    platform = job.address.chat.platform
    try:
        sent = await studio.messengers[platform].send(
            job.address,
            reply,
            locale=job.locale,
            replaces=job.status_message,
            nonce=_nonce(delivery),
        )
    except DeliveryFailed as error:
        await _refused(studio, delivery, platform, error, reach)
        return
    reach.answered(platform)
    await _note(studio, delivery, job, reply, sent)


async def _count(studio: Studio, delivery: Delivery) -> None:
    """Count a sending before it begins, where an earlier process may have died of one.

    A studio that dies again and again then sends a result ever more seldom, not at every start.
    """
    due_at = studio.now() + timedelta(seconds=later(delivery.attempts))
    async with studio.database.transaction() as tx:
        await tx.outbox.postpone(delivery, due_at, delivery.error)


@insisting
async def _uncount(studio: Studio, delivery: Delivery) -> None:
    """Take the count back: nothing was sent."""
    async with studio.database.transaction() as tx:
        await tx.outbox.restore(delivery)


async def _refused(
    studio: Studio, delivery: Delivery, platform: str, error: DeliveryFailed, reach: Reach
) -> None:
    if error.unreachable:
        reach.lost(platform)
        await _uncount(studio, delivery)
        return
    reach.answered(platform)
    metrics.deliveries.labels(platform, "refused").inc()
    await postpone(studio, delivery, error)


@insisting  # or what the platform has taken would be sent again
async def _note(
    studio: Studio, delivery: Delivery, job: Job, reply: Reply, sent: Sequence[str]
) -> None:
    now = studio.now()
    metrics.deliveries.labels(job.address.chat.platform, "sent").inc()
    async with studio.database.transaction() as tx:
        await tx.outbox.delivered(delivery, now)
        await tx.history.answered(job.address.chat, reply, now, platform_ids=sent)
        there = None if job.finished else await tx.jobs.get(job.id)
        if there is not None and there.status_message == job.status_message:
            # The status line is gone; when the job goes on, it gets a new one, or has it already.
            await tx.jobs.set_status_message(job.id, "")
    log.info("job_told", job=job.id, status=job.status, messages=len(sent))


def _nonce(delivery: Delivery) -> str:
    """Name a message, within the 25 characters that platforms take."""
    return f"{delivery.job}-{int(delivery.promised_at.timestamp() * 1000):x}"[:25]


async def _withdraw(studio: Studio, delivery: Delivery) -> None:
    """Keep back what is no longer true: the job has gone on."""
    async with studio.database.transaction() as tx:
        await tx.outbox.withdraw(delivery, studio.now())


def announce(
    studio: Studio, job: Job, pictures: tuple[Picture, ...], *, late: bool = False
) -> Reply:
    """Say how a job ended: its pictures, or why there are none."""
    below = (*refund(job), *((Text("late"),) if late else ()))
    if job.status is Status.DONE and pictures:
        below = (*_missing(job, len(pictures)), *below)
        reply = shown(studio.catalogue, job, pictures)
        return replace(reply, caption=replace(reply.caption, lines=below))
    if job.status is Status.IN_DOUBT:
        return told(job)
    about = {"job": job.id, "cost": job.hold, "prompt": job.work.prompt}
    return Text(job.error or "error.no_pictures", {**about, **job.error_values}, below)


def _missing(job: Job, made: int) -> tuple[Text, ...]:
    """Say that there are fewer pictures than were asked for."""
    asked = job.work.num_images
    return (Text("fewer", {"made": made, "asked": asked}),) if made < asked else ()


@insisting
async def postpone(studio: Studio, delivery: Delivery, error: DeliveryFailed) -> None:
    """Keep the promise for later, or give it up when no way is left."""
    wait = again(error, delivery.attempts, repeated=error.key == delivery.error)
    if wait is None:
        await _give_up(studio, delivery, error)
        return
    due_at = studio.now() + timedelta(seconds=wait)
    async with studio.database.transaction() as tx:
        await tx.outbox.postpone(delivery, due_at, error.key)
    log.warning("delivery_failed", job=delivery.job, error=error.key, again_in=round(wait))


async def _give_up(studio: Studio, delivery: Delivery, error: DeliveryFailed) -> None:
    """Close the promise and tell operators, unless it was given up before and tried once more."""
    now, known = studio.now(), error.lasting and error.key == delivery.error
    async with studio.database.transaction() as tx:
        await tx.outbox.give_up(delivery, now, error.key)
        if not known:
            lost = Text("notice.undelivered", {"job": delivery.job, "why": f"@{error.key}"})
            await notify(studio, tx, hourly(f"undelivered:{error.key}", now), lost)
    if known:
        log.info("delivery_given_up_again", job=delivery.job, error=error.key)
        return
    studio.notices.set()
    metrics.given_up.inc()
    log.error("delivery_given_up", job=delivery.job, error=error.key)
