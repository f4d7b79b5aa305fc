"""The places where a life can be ended: every await that matters, wrapped in that process only."""

import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from importlib import import_module
from typing import Any

WRITTEN: ContextVar[list[str]] = ContextVar("written")
"""What the transaction of this task has written so far."""

Label = Callable[..., str]

COMMITTED = {
    "ask kept": "storage.inbox:SqlInbox.put",
    "ask answered": "storage.inbox:SqlInbox.handled",
    "job taken": "storage.jobs:SqlJobs.add",
    "status line noted": "storage.jobs:SqlJobs.set_status_message",
    "cancellation noted": "storage.jobs:SqlJobs.ask_to_cancel",
    "delivery noted": "storage.outbox:SqlOutbox.delivered",
    "delivery postponed": "storage.outbox:SqlOutbox.postpone",
    "answer named": "storage.history:SqlHistory.sent",
    "notice written": "core.worker.account:notify",
}
"""Each gives two points: its transaction is about to be committed, and was just committed."""

STEPS = ("submitting", "submitted", "fetching", "done", "cancelled", "in_doubt", "failed")
"""So do these states of a job."""

AROUND = {
    "paid post": "core.providers.http:Wire.order",
    "fal order": "core.providers.fal:Fal.order",
    "fal result": "core.providers.fal:Fal.result",
    "fal cancel": "core.providers.fal:Fal.cancel",
    "replicate order": "core.providers.replicate:Replicate.order",
    "replicate result": "core.providers.replicate:Replicate.result",
    "replicate cancel": "core.providers.replicate:Replicate.cancel",
    "download": "core.providers.download:Downloads.picture",
    "finishing": "core.images.finishing:Chain.finish",
    "image put": "storage.images:Images.put",
    "image to disk": "storage.images:Images._settle",
    "image read": "storage.images:Images.get",
    "schema": "storage.database:bring_up_to_date",
    "taking up": "bot.intake:Intake.take_up",
    "dispatch": "bot.intake:dispatch",
    "telegram poll": "bot.telegram_chat.wire:TelegramBot.updates",
    "telegram press told": "telegram:Bot.answer_callback_query",
    "telegram photo": "telegram:Bot.send_photo",
    "telegram album": "telegram:Bot.send_media_group",
    "telegram words": "telegram:Bot.send_message",
    "telegram edit": "telegram:Bot.edit_message_text",
    "telegram clearing": "telegram:Bot.delete_message",
    "telegram introduction": "telegram:Bot.initialize",
    "discord sign-in": "bot.discord_chat.hearing:Hearing.login",
    "discord defer": "discord:InteractionResponse.defer",
    "discord answer": "bot.discord_chat.wire:Wire.answer",
    "discord follow-up": "bot.discord_chat.wire:Wire.follow_up",
    "discord post": "bot.discord_chat.wire:Wire.post",
    "discord edit": "bot.discord_chat.wire:Wire.edit",
}
"""Each gives two points: about to be done, and just done."""

FOLLOWED = {
    "fal": "core.providers.fal:Fal.follow",
    "replicate": "core.providers.replicate:Replicate.follow",
}
"""Each gives two points: a sign of life was heard, and the end was."""

POINTS = (
    *(f"{name}, {when}" for name in COMMITTED for when in ("uncommitted", "committed")),
    *(f"job {step}, {when}" for step in STEPS for when in ("uncommitted", "committed")),
    *(f"{name}, {when}" for name in AROUND for when in ("before", "after")),
    *(f"{name} followed, {when}" for name in FOLLOWED for when in ("a step", "the end")),
)


class Bomb:
    """Ends this process at the n-th visit to a point."""

    def __init__(self, point: str, visit: int) -> None:
        if point not in POINTS:
            raise ValueError(point)
        self._point = point
        self._left = visit

    def visit(self, point: str) -> None:
        """Pass a point, or die there."""
        self._left -= point == self._point
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        """Wrap everything."""
        for name, place in COMMITTED.items():
            self._note(place, lambda *_, name=name: name)
        self._note("storage.jobs:SqlJobs.save", lambda _, job, __: f"job {job.status}")
        self._watch_commits()
        for name, place in AROUND.items():
            self._surround(name, place)
        for name, place in FOLLOWED.items():
            self._follow(name, place)

    def _note(self, place: str, label: Label) -> None:
        owner, name, inner = _found(place)

        async def noting(*args: Any, **named: Any) -> Any:
            WRITTEN.get([]).append(label(*args, **named))
            return await inner(*args, **named)

        setattr(owner, name, wraps(inner)(noting))

    def _watch_commits(self) -> None:
        owner, name, inner = _found("storage.database:SqlDatabase.transaction")

        @asynccontextmanager
        async def watched(database: Any) -> AsyncGenerator[Any]:
            written: list[str] = []
            opened: AbstractAsyncContextManager[Any] = inner(database)
            async with opened as tx:
                WRITTEN.set(written)
                yield tx
                for what in written:
                    self.visit(f"{what}, uncommitted")
            for what in written:
                self.visit(f"{what}, committed")

        setattr(owner, name, watched)

    def _surround(self, point: str, place: str) -> None:
        owner, name, inner = _found(place)

        async def surrounded(*args: Any, **named: Any) -> Any:
            self.visit(f"{point}, before")
            result = await inner(*args, **named)
            self.visit(f"{point}, after")
            return result

        setattr(owner, name, wraps(inner)(surrounded))

    def _follow(self, provider: str, place: str) -> None:
        owner, name, inner = _found(place)

        async def followed(*args: Any) -> AsyncIterator[Any]:
            async for step in inner(*args):
                self.visit(f"{provider} followed, a step")
                yield step
            self.visit(f"{provider} followed, the end")

        setattr(owner, name, followed)


def _found(place: str) -> tuple[Any, str, Any]:
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    return owner, name, getattr(owner, name)
