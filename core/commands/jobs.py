"""List one's own jobs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.ports import UnitOfWork
from core.replies import Button, Menu, Reply, Text
from core.studio import Studio

WEEK = timedelta(days=7)
MOST_LOST = 5
"""Results that no chat could be told of, of anybody: operators see the last of them."""


@dataclass(frozen=True, kw_only=True)
class Jobs(Command):
    """List one's own newest jobs; those under way can be cancelled."""

    name: ClassVar[str] = "jobs"

    count: Annotated[int, Option(low=1, high=25, flags=("n",))] = 10

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        recent = await tx.jobs.recent(context.user, self.count)
        jobs = [job for job in recent if not (job.private and context.overheard)]
        lines = tuple(
            Text("jobs.line", {"job": job.id, "status": job.status, "prompt": job.work.prompt[:60]})
            for job in jobs
        )
        under_way = [job for job in jobs if not job.finished][:5]
        lines += _troubles(studio, {job.provider for job in under_way})
        if studio.policy.is_operator(context.user):
            lost = await tx.outbox.given_up(studio.now() - WEEK)
            lines += tuple(
                Text("jobs.given_up", {"job": one.job, "why": f"@{one.error}"})
                for one in lost[:MOST_LOST]
            )
        text = Text("jobs.title" if lines else "jobs.empty", {"count": len(jobs)}, lines)
        if not under_way:
            return text
        cancel = (Button(f"cancel:{job.id}", "button.cancel", {"job": job.id}) for job in under_way)
        return Menu(text, tuple(cancel))


def _troubles(studio: Studio, providers: Iterable[str]) -> tuple[Text, ...]:
    """Say which providers keep jobs waiting; one whose key was taken away is not there."""
    breakers = {name: studio.breakers.get(name) for name in sorted(providers)}
    return tuple(
        Text(f"jobs.{breaker.circuit if breaker else 'keyless'}", {"provider": name})
        for name, breaker in breakers.items()
        if breaker is None or breaker.is_open
    )
