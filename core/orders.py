"""Taking an order: quote it, hold its price and write its job, all in one transaction."""

from collections.abc import Sequence
from dataclasses import replace

from core.catalogue import ModelSpec
from core.context import Context
from core.job import Job
from core.ports import UnitOfWork
from core.replies import Accepted, Button, Menu, Reply, Text
from core.studio import Studio
from core.work import Work

ASK_ABOVE = 4
"""Pictures of one permutation; more are counted out loud first."""


async def order(
    studio: Studio,
    context: Context,
    tx: UnitOfWork,
    spec: ModelSpec,
    works: Sequence[Work],
    *,
    private: bool = False,
) -> Reply:
    """Take one job per work, or ask first when it is many or dear; the same request once only."""
    taken = await tx.jobs.of_request(context.request)
    if taken:
        return Accepted(tuple(job.id for job in taken))
    for work in works:
        studio.catalogue.check(spec, work)
    cost = sum(spec.price(work) for work in works)
    if cost:
        await studio.room.check()
    count = sum(work.num_images for work in works)
    many = len(works) > 1 and count > ASK_ABOVE
    if not context.confirmed and (many or cost > studio.policy.confirm_above):
        return await _quote(studio, context, tx, cost, count)
    jobs = [
        _job(studio, context, spec, works, number, private=private) for number in range(len(works))
    ]
    for job in jobs:
        await studio.policy.reserve(tx, job)
        await tx.jobs.add(job)
    return Accepted(tuple(job.id for job in jobs))


def _job(
    studio: Studio,
    context: Context,
    spec: ModelSpec,
    works: Sequence[Work],
    number: int,
    *,
    private: bool,
) -> Job:
    work = _findable(studio, spec, works[number])
    return Job(
        id=studio.new_id(),
        request=context.request,
        number=number,
        address=replace(context.address, part=number),
        user=context.user,
        locale=context.locale,
        provider=spec.provider,
        model=spec.name,
        work=work,
        hold=spec.price(work),
        created_at=studio.now(),
        private=private,
    )


def _findable(studio: Studio, spec: ModelSpec, work: Work) -> Work:
    """Give a work a seed where the model takes one: by it a lost order is found again."""
    if work.seed is not None or "seed" not in spec.endpoints[work.task].accepts:
        return work
    return replace(work, seed=studio.new_seed())


async def _quote(studio: Studio, context: Context, tx: UnitOfWork, cost: int, count: int) -> Menu:
    spent = await tx.ledger.today(context.user, studio.now())
    left = studio.policy.left(context.user, spent.by_user, spent.by_all)
    text = Text(
        "quote.paid" if cost else "quote.free", {"count": count, "cost": cost, "left": left}
    )
    yes = Button(f"confirm:{context.request}", "button.confirm", {"count": count})
    no = Button("dismiss", "button.dismiss")
    return Menu(text, (yes, no))
