"""Taking an order: quote it, hold its price and write its job, all in one transaction."""

from collections.abc import Sequence
from dataclasses import replace

from core.catalogue import ModelSpec
from core.context import Context
from core.errors import LimitReached, Refused
from core.job import Job
from core.money.policy import least_left
from core.money.prices import priced
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
    # The works of one asking differ in words alone, so their prices are of one task.
    spec = await priced(tx, spec, works[0].task)
    cost = sum(spec.price(work) for work in works)
    if cost:
        await studio.room.check()
    count = sum(work.num_images for work in works)
    many = len(works) > 1 and count > ASK_ABOVE
    if context.agreed is None and (many or cost > studio.policy.confirm_above):
        return await _quote(studio, context, tx, cost, count)
    if cost > max(context.agreed or 0, studio.policy.confirm_above):
        raise Refused("price_rose", cost=cost)
    jobs = [
        _job(studio, context, spec, works, number, private=private) for number in range(len(works))
    ]
    for job in jobs:
        await studio.policy.reserve(tx, job)
        await tx.jobs.add(job)
    return Accepted(tuple(job.id for job in jobs), await _warning(studio, context, tx, cost))


async def _warning(studio: Studio, context: Context, tx: UnitOfWork, cost: int) -> Text | None:
    if cost == 0:
        return None
    left = await studio.policy.little_left(tx, context.user, context.address, studio.now())
    return None if left is None else Text("little_left", {"left": left})


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
    text = Text("quote.free", {"count": count})
    if cost:
        left = await _left(studio, context, tx, cost)
        text = Text("quote.paid", {"count": count, "cost": cost, "left": left})
    yes = Button(f"confirm:{context.request}", "button.confirm", {"count": count})
    no = Button("dismiss", "button.dismiss")
    return Menu(text, (yes, no))


async def _left(studio: Studio, context: Context, tx: UnitOfWork, cost: int) -> int:
    """Tell what may still be spent; nobody is asked to agree to what would be refused."""
    policy = studio.policy
    await policy.check_allowed(tx, context.user, context.address)
    left = least_left(await policy.uses(tx, context.user, context.address, studio.now()))
    if cost > left:
        raise LimitReached("budget", cost=cost, left=left)
    return left
