"""Asks from every surface: committed before they are confirmed, then answered."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

import structlog

from bot.dispatch import Answer, dispatch, spoken
from core.context import Ask, Context, User
from core.errors import DeliveryFailed, StorageError, StoreFailing
from core.money.rate import Rate
from core.notices import is_notice
from core.ports import Messenger
from core.replies import Accepted, Removed, Reply, Text
from core.studio import Studio
from core.worker.again import again, away
from core.worker.beside import to_the_end
from core.worker.loop import Worker

log = structlog.get_logger(__name__)


ANSWERING = 2
"""Answers that may write side by side. There is one writer: the more of them queue for it, the
longer waits what has just come in, and only its commit may be confirmed to the platform."""
COPIES = 1
"""How often words are said again of which nobody knows whether they arrived."""

MOST_UNSURE = 1000

PAUSE = 1.0
"""Seconds until a database that could not be read is tried again."""


class Intake:
    """What every surface hands its asks to."""

    def __init__(self, studio: Studio, worker: Worker, group: asyncio.TaskGroup) -> None:
        self._studio = studio
        self._worker = worker
        self._group = group
        self._rate = Rate(studio.policy.asks_per_minute)
        self._turn = asyncio.Semaphore(ANSWERING)
        self._open = True
        self._answering: set[asyncio.Task[Reply]] = set()
        self._unsure: deque[str] = deque(maxlen=MOST_UNSURE)
        """Requests whose commit failed, or only its answer was lost: they may be there already."""
        self._reached: set[str] = set()
        """Platforms that were taken up."""
        self._told: set[str] = set()
        """Notices that were begun here."""

    async def put(self, asks: Sequence[Ask]) -> tuple[Ask, ...]:
        """Commit asks and return the new ones; only then may the platform be told so."""
        try:
            async with self._studio.database.transaction() as tx:
                new = await tx.inbox.put(asks, self._studio.now())
        except StorageError:
            self._unsure.extend(ask.context.request for ask in asks)
            raise
        unsure, mine = set(self._unsure), {ask.context.request for ask in asks}
        self._unsure = deque((one for one in self._unsure if one not in mine), MOST_UNSURE)
        return tuple(ask for ask in asks if ask in new or ask.context.request in unsure)

    def start(self, asks: Sequence[Ask]) -> None:
        """Answer asks side by side, without making the surface wait.

        Who asks too fast hears so once a minute; the rest of it is left unanswered.
        """
        for ask in asks if self._open else ():
            hurried = self.wait(ask.context.user)
            if hurried and not self._rate.tells(ask.context.user.key, _clock()):
                self._group.create_task(self._leave(ask))
            else:
                self.begin(ask, hurried)

    def begin(self, ask: Ask, wait: float = 0.0) -> None:
        """Answer one ask in any case, for somebody sees it being thought about."""
        if not self._open:
            return
        task = self._group.create_task(self.answer(ask, wait))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def wait(self, user: User) -> float:
        """Count an ask of this person; return 0, or the seconds by which it came too soon."""
        if self._studio.policy.is_operator(user):
            return 0.0
        return self._rate.wait(user.key, _clock())

    async def regret(self, asks: Iterable[Ask], error: StorageError, *more: Text) -> None:
        """Tell who asked that what they said could not be kept, as far as that can be told."""
        said = Text(error.key, error.values, more)
        for context in (ask.context for ask in asks):
            try:
                messenger = self._messenger(context)
                await messenger.send(context.address, said, locale=context.locale)
            except DeliveryFailed as failed:
                log.warning("regret_not_sent", request=context.request, error=failed.key)

    def stop(self) -> frozenset[asyncio.Task[Reply]]:
        """Leave what is not answered yet, and what still comes, for the next start.

        Returns what is just being said, which needs the platforms to its end.
        """
        self._open = False
        for task in self._answering:
            task.cancel()
        return frozenset(self._answering)

    async def take_up(self, platform: str) -> None:
        """Answer what a crash left unanswered on one platform, which hears notices from now on."""
        for ask in await self._waiting():
            if ask.context.chat.platform == platform and not is_notice(ask):
                self.begin(ask)
        self._reached.add(platform)
        self._studio.notices.set()

    async def tell_notices(self) -> None:
        """Tell what nobody asked for whenever the bell rings, until cancelled."""
        while True:
            await self._studio.notices.wait()
            self._studio.notices.clear()
            try:
                waiting = await self._waiting()
            except StorageError as error:
                log.warning("notices_not_read", error=error.key)
                await asyncio.sleep(PAUSE)
                self._studio.notices.set()
            else:
                self._begin_notices(waiting)

    def _begin_notices(self, waiting: Iterable[Ask]) -> None:
        for ask in filter(is_notice, waiting):
            request = ask.context.request
            if ask.context.chat.platform in self._reached and request not in self._told:
                self._told.add(request)
                self.begin(ask)

    async def _waiting(self) -> tuple[Ask, ...]:
        async with self._studio.database.reading() as tx:
            return await tx.inbox.waiting()

    def wake(self, jobs: Iterable[str]) -> None:
        """Have jobs looked at now."""
        self._worker.wake(jobs)

    async def answer(self, ask: Ask, wait: float = 0.0) -> Reply:
        """Run an ask and send its reply; one that came `wait` seconds too soon is not run.

        Only what was said is handled: a crash before that leaves it for the next start, and what
        a platform does not take is said again.
        """
        answer = await dispatch(self._studio, ask, self._turn, wait)
        if isinstance(answer.reply, Accepted):
            event = "job_taken" if answer.reply.taken else "job_changed"
            for job in answer.reply.jobs:
                log.info(event, job=job, request=ask.context.request)
            self.wake(answer.reply.jobs)
        if answer.revived:
            self.wake(answer.revived)
        said = spoken(answer.reply)
        if said is not None:
            await self._tell(ask.context, answer, said)
        return answer.reply

    async def _tell(self, context: Context, answer: Answer, said: Reply) -> None:
        """Say it until the platform takes it or no way is left; only then it is handled."""
        silences = refusals = copies = 0
        if isinstance(answer.reply, Removed):
            await self._take_away(context, answer.reply)
        # What the platform has taken and we have not noted would be said again.
        while error := await to_the_end(self._say(context, answer, said)):
            if error.unreachable:
                wait, silences = away(silences), silences + 1
            elif error.unheard:
                wait, copies = again(error, copies) if copies < COPIES else None, copies + 1
            else:
                wait, refusals = again(error, refusals), refusals + 1
            log.warning("reply_not_sent", request=context.request, error=error.key, again_in=wait)
            if wait is None:
                await self._note(context.request, answer.message, ())
                return
            await asyncio.sleep(wait)

    async def _say(self, context: Context, answer: Answer, said: Reply) -> DeliveryFailed | None:
        """Say it and note that it was said; return why the platform did not take it."""
        try:
            messenger = self._messenger(context)
            sent = await messenger.send(context.address, said, locale=context.locale)
        except DeliveryFailed as error:
            return error
        except StoreFailing as error:
            return DeliveryFailed(error.key.removeprefix("error."))
        except StorageError as error:
            return await self._say(context, answer, Text(error.key, error.values))
        except Exception:
            # One answer that cannot be said must not end the studio, and the next start as well.
            log.exception("reply_broken", request=context.request)
            return DeliveryFailed("unexpected", lasting=True)
        await self._note(context.request, answer.message, sent)
        return None

    async def _take_away(self, context: Context, removed: Removed) -> None:
        """Take a deleted job's files and messages away, as far as that goes."""
        try:
            for sha256 in await self._unnamed(removed.images):
                await self._studio.images.delete(sha256)
            await self._messenger(context).delete(context.address, removed.messages)
        except (DeliveryFailed, StorageError) as error:
            log.warning("not_taken_away", request=context.request, error=error.key)

    async def _unnamed(self, images: Iterable[str]) -> list[str]:
        """Leave out what was made or sent anew since: a start may take away once more."""
        async with self._studio.database.reading() as tx:
            return [sha256 for sha256 in images if not await tx.pictures.named(sha256)]

    def _messenger(self, context: Context) -> Messenger:
        return self._studio.messengers[context.chat.platform]

    async def _note(self, request: str, message: int, sent: Sequence[str]) -> None:
        """Note what was said; what the database does not take is said again at the next start."""
        if not message:
            return
        try:
            async with self._turn, self._studio.database.transaction() as tx:
                await tx.history.sent(message, sent)
                await tx.inbox.handled(request, self._studio.now())
        except StorageError as error:
            log.warning("reply_not_noted", request=request, error=error.key)

    async def _leave(self, ask: Ask) -> None:
        """Close an ask that nobody answers, so that no restart does."""
        request = ask.context.request
        try:
            async with self._turn, self._studio.database.transaction() as tx:
                await tx.inbox.handled(request, self._studio.now())
        except StorageError as error:
            log.warning("ask_not_closed", request=request, error=error.key)


def _clock() -> float:
    return asyncio.get_running_loop().time()
