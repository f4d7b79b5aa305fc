"""A command that nobody wrote for any platform: the test puts it beside the others."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from typing_extensions import override

from core.command import Command, Option
from core.context import Context
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Postcard(Command):
    """Write a greeting."""

    name: ClassVar[str] = "postcard"

    greeting: Annotated[str, Option(words=True)]
    times: Annotated[int, Option(low=1, high=3, flags=("x",))] = 1

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        line = Text("postcard.line", {"greeting": self.greeting})
        return Text("postcard.title", {}, (line,) * self.times)
