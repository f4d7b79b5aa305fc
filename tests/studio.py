"""A real studio in a temporary directory, with its worker running."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.intake import Intake
from bot.settings import Settings
from bot.wiring import MakeMessengers, open_studio
from core.command import Command
from core.commands import COMMANDS
from core.studio import Studio
from core.worker.loop import Worker


@dataclass
class Clock:
    """The studio's time, which can be told to hurry."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Tell the time."""
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Home:
    """A studio at work, and the way in."""

    studio: Studio
    worker: Worker
    intake: Intake
    working: asyncio.Task[None]

    async def rest(self) -> None:
        """Stop the worker, which ends what it has begun, while the platforms still hear it."""
        self.working.cancel()
        await asyncio.wait({self.working})


def settings_at(folder: Path, **changes: Any) -> Settings:
    """Make settings for a folder that no environment and no `.env` can change."""
    given = {"NANO_BANANA_DATA_DIR": folder, "NANO_BANANA_WEB_PORT": 0, **changes}
    return Settings(_env_file=None, **given)  # pyright: ignore[reportCallIssue]  # by pydantic


@asynccontextmanager
async def studio_at(
    folder: Path,
    messengers: MakeMessengers,
    commands: tuple[type[Command], ...] = COMMANDS,
    **changes: Any,
) -> AsyncGenerator[Home]:
    """Open a studio, run its worker, and stop both in the end."""
    settings = settings_at(folder, **changes)
    async with open_studio(settings, messengers, commands) as studio, asyncio.TaskGroup() as group:
        worker = Worker(studio)
        intake = Intake(studio, worker, group)
        working = group.create_task(worker.run())
        telling = group.create_task(intake.tell_notices())
        try:
            yield Home(studio, worker, intake, working)
        finally:
            working.cancel()
            telling.cancel()
            intake.stop()
