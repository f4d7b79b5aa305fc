"""Tells who waits in the studio's own line where they stand, and for about how long."""

import asyncio
from dataclasses import dataclass

import structlog

from core.errors import StudioError
from core.replies import Progress
from core.studio import Studio
from core.worker.queue import Line, Waiting
from core.worker.status import StatusLine

log = structlog.get_logger(__name__)

TICK = 0.5
"""Seconds between two looks at the line."""
SHOWN = 100
"""Places from the front that are told every step; those behind them hear of their first."""
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Told:
    place: int
    """0 while nothing was told."""
    at: float


class Board:
    """The status lines of jobs that wait; `StatusLine` goes on with the same line afterwards."""

    def __init__(self, studio: Studio, line: Line) -> None:
        self._studio = studio
        self._line = line
        self._told: dict[str, _Told] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}

    async def keep(self, group: asyncio.TaskGroup) -> None:
        """Look at the line again and again while somebody is in it."""
        while True:
            await self._line.somebody()
            now = asyncio.get_running_loop().time()
            order = self._line.order()
            for place, one in enumerate(order, start=1):
                told = self._told.setdefault(one.job, _Told(0, now))
                if self._due(one, place, told, now):
                    self._told[one.job] = _Told(place, now)
                    seconds = self._line.seconds(place, now)
                    self._telling[one.job] = group.create_task(self._tell(one, place, seconds))
            waiting = {one.job for one in order}
            self._told = {job: told for job, told in self._told.items() if job in waiting}
            await asyncio.sleep(TICK)

    async def quiet(self, job: str) -> None:
        """Wait until nothing more is told about a job from here."""
        if job in self._telling:
            await asyncio.wait({self._telling[job]})

    def _due(self, one: Waiting, place: int, told: _Told, now: float) -> bool:
        if one.job in self._telling or len(self._telling) >= AT_ONCE:
            return False
        pace = self._studio.messengers[one.platform].pace
        if not told.place:
            return now - told.at >= pace.first_after
        return place != told.place and place <= SHOWN and now - told.at >= pace.every

    async def _tell(self, one: Waiting, place: int, seconds: float | None) -> None:
        try:
            await self._say(one.job, place, seconds)
        except StudioError as error:
            log.info("place_not_told", job=one.job, error=error.key)
        except Exception:
            log.exception("broken_telling_a_place", job=one.job)
        finally:
            del self._telling[one.job]

    async def _say(self, job_id: str, place: int, seconds: float | None) -> None:
        async with self._studio.database.reading() as tx:
            job = await tx.jobs.get(job_id)
        # What is in doubt has its question in the chat: a place would stand there instead of it.
        if job is not None and job.unordered:
            waits = None if seconds is None else max(1, round(seconds))
            progress = Progress(
                job.id,
                total=job.work.num_images,
                position=place,
                seconds=waits,
                token=f"cancel:{job.id}",
            )
            await StatusLine(self._studio, job).say(progress)
