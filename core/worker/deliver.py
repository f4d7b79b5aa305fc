"""The outbox: a result is delivered when the platform has said yes, and not before."""

from datetime import timedelta

import structlog

from core.errors import DeliveryFailed
from core.job import Job, Status
from core.picture import Picture
from core.ports import Delivery
from core.replies import Reply, Text
from core.show import refund, shown
from core.studio import Studio

log = structlog.get_logger(__name__)

MOST_TRIES = 12
LONGEST = timedelta(hours=1)


async def deliver(studio: Studio, delivery: Delivery) -> None:
    """Tell the chat how a job ended; a refusal is noted and tried again later."""
    async with studio.database.reading() as tx:
        job = await tx.jobs.get(delivery.job)
        pictures = await tx.pictures.of_job(delivery.job)
    if job is None:
        return
    reply = announce(studio, job, pictures)
    try:
        sent = await studio.messengers[job.address.chat.platform].send(
            job.address,
            reply,
            locale=job.locale,
            replaces=job.status_message,
            nonce=f"{job.id}-{job.status}"[:25],
        )
    except DeliveryFailed as error:
        await postpone(studio, delivery, error)
        return
    now = studio.now()
    async with studio.database.transaction() as tx:
        await tx.outbox.delivered(delivery, now)
        await tx.history.answered(job.address.chat, reply, now, platform_ids=sent)


def announce(studio: Studio, job: Job, pictures: tuple[Picture, ...]) -> Reply:
    """Say how a job ended: its pictures, or why there are none."""
    if job.status is Status.DONE and pictures:
        return shown(studio.catalogue, job, pictures)
    about = {"job": job.id, "cost": job.hold, "prompt": job.work.prompt}
    return Text(job.error or "error.no_pictures", {**about, **job.error_values}, refund(job))


async def postpone(studio: Studio, delivery: Delivery, error: DeliveryFailed) -> None:
    """Keep the promise for later, or give it up when no way is left."""
    now = studio.now()
    log.warning("delivery_failed", job=delivery.job, error=error.key, attempts=delivery.attempts)
    async with studio.database.transaction() as tx:
        if error.lasting or delivery.attempts >= MOST_TRIES:
            await tx.outbox.give_up(delivery, now, error.key)
            return
        wait = max(timedelta(seconds=error.retry_after), timedelta(seconds=2**delivery.attempts))
        await tx.outbox.postpone(delivery, now + min(wait, LONGEST), error.key)
