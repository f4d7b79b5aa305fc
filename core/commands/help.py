"""Say what the studio can do."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from core.command import Command
from core.context import Context
from core.ports import UnitOfWork
from core.replies import Reply, Text
from core.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Help(Command):
    """Say what the studio can do."""

    name: ClassVar[str] = "help"

    @override
    async def run(self, studio: Studio, context: Context, tx: UnitOfWork) -> Reply:
        operator = studio.policy.is_operator(context.user)
        listed = [one for one in studio.commands if one.listed and operator >= one.for_operators]
        lines = [
            Text("help.line", {"name": one.name, "about": f"@command.{one.name}"}) for one in listed
        ]
        keyless = all(model.free for model in studio.catalogue.models)
        lines.append(Text("help.keyless" if keyless else "help.flags"))
        return Text("help.title", {}, tuple(lines))
