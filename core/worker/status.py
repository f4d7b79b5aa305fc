"""The one status line of a job: sent after a while, edited at the platform's pace."""

import asyncio

import structlog

from core.errors import DeliveryFailed
from core.job import Job
from core.ports import Pace
from core.replies import Progress
from core.studio import Studio
from core.worker.beside import to_the_end
from core.worker.insist import insisting

log = structlog.get_logger(__name__)


class StatusLine:
    """What a chat sees of a job that is not finished."""

    def __init__(self, studio: Studio, job: Job) -> None:
        self._studio = studio
        self._job = job
        self._messenger = studio.messengers[job.address.chat.platform]
        self._latest = Progress(job.id, total=job.work.num_images, token=f"cancel:{job.id}")
        self._message = job.status_message
        self._unheard = False
        self._news = asyncio.Event()
        self._news.set()

    @property
    def pace(self) -> Pace:
        """How its platform takes it."""
        return self._messenger.pace

    def tell(self, progress: Progress) -> None:
        """Keep the newest word; `move` says it when the pace allows."""
        if progress != self._latest:
            self._latest = progress
            self._news.set()

    async def move(self) -> None:
        """Say the newest word, no more often than the platform likes."""
        pace = self.pace
        await asyncio.sleep(pace.first_after)
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                # A line that is sent and forgotten would stay in the chat.
                await to_the_end(self.say(self._latest))
            except DeliveryFailed as error:
                log.info("status_line_not_shown", job=self._job.id, error=error.key)
                await asyncio.sleep(error.retry_after)
            await asyncio.sleep(pace.every)

    async def say(self, progress: Progress) -> None:
        """Say one word at once, for a job that then waits without anybody beside it."""
        try:
            await to_the_end(self._say(progress))
        except DeliveryFailed as error:
            log.info("status_line_not_shown", job=self._job.id, error=error.key)

    async def _say(self, progress: Progress) -> None:
        address, locale = self._job.address, self._job.locale
        if self._message:
            await self._messenger.edit(address, self._message, progress, locale=locale)
            return
        if self._unheard:
            return  # one may stand there, nobody knows under which name: another would join it
        try:
            sent = await self._messenger.send(address, progress, locale=locale)
        except DeliveryFailed as error:
            self._unheard = error.unheard
            raise
        self._message = sent[0] if sent else ""
        await self._remember()

    @insisting
    async def _remember(self) -> None:
        async with self._studio.database.transaction() as tx:
            await tx.jobs.set_status_message(self._job.id, self._message)

    async def show_work(self) -> None:
        """Keep the platform's own sign of work alive."""
        every = self._messenger.pace.typing_every
        while every is not None:
            try:
                await self._messenger.typing(self._job.address)
            except DeliveryFailed as error:
                log.info("typing_not_shown", job=self._job.id, error=error.key)
            await asyncio.sleep(every)
