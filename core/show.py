"""A job's pictures as a reply: caption, alternative text and buttons."""

from collections.abc import Sequence

from core.catalogue import Catalogue
from core.errors import Conflict
from core.job import Job
from core.picture import Picture
from core.replies import Button, Pictures, Text

ALT = 1000
"""Characters of the alternative text: the least that a platform takes is 1,024."""


def shown(catalogue: Catalogue, job: Job, pictures: Sequence[Picture]) -> Pictures:
    """Show the pictures of a job with everything that can be done next."""
    if not pictures:
        raise Conflict("no_pictures", job=job.id)
    return Pictures(
        job=job.id,
        pictures=tuple(pictures),
        caption=caption(catalogue, job, pictures),
        alt=job.work.prompt[:ALT],
        buttons=buttons(job, len(pictures)),
        private=job.private,
    )


def caption(catalogue: Catalogue, job: Job, pictures: Sequence[Picture]) -> Text:
    """Say in one line what a picture is and what it did cost."""
    first = pictures[0]
    values = {
        "prompt": job.work.prompt,
        "model": catalogue.title(job.provider, job.model),
        "width": first.width,
        "height": first.height,
        "seed": "–" if first.seed is None else first.seed,
        "cost": job.cost or 0,
        "job": job.id,
    }
    key = "caption.sketch" if job.provider == "sketch" else "caption.model"
    return Text(key, values, refund(job))


def refund(job: Job) -> tuple[Text, ...]:
    """Say what of a finished job's hold came back."""
    back = job.hold - (job.cost or 0)
    return (Text("refunded", {"refund": back}),) if job.finished and back > 0 else ()


def buttons(job: Job, count: int) -> tuple[Button, ...]:
    """Offer again, vary and upscale of each, as file, details and delete."""
    numbers = range(1, count + 1)
    return (
        Button(f"again:{job.id}", "button.again"),
        *(Button(f"vary:{job.id}:{number}", "button.vary", {"n": number}) for number in numbers),
        *(
            Button(f"upscale:{job.id}:{number}", "button.upscale", {"n": number})
            for number in numbers
        ),
        Button(f"files:{job.id}", "button.files"),
        Button(f"show:{job.id}", "button.show"),
        Button(f"delete:{job.id}", "button.delete"),
    )
