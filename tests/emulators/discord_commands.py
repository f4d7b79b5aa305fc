"""The synced commands, and what Discord's own client accepts as their options."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.emulators import discord_rules as rules
from tests.emulators import discord_shapes as shapes
from tests.emulators.discord_channels import Channels
from tests.emulators.discord_forms import Upload
from tests.emulators.discord_wire import Answer, Asked
from tests.emulators.discord_world import Channel, Json, Person

SUBCOMMANDS = {1, 2}
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
ON_GUILD, ON_USER = 0, 1
IN_GUILD, IN_BOT_DM = 0, 1


class Commands(Channels):
    """The command list and the checks a person's client makes before sending."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.commands: list[Json] = []
        self.guild_commands: dict[str, list[Json]] = {}
        self.syncs = 0

    def command_routes(self) -> list[web.RouteDef]:
        everywhere, local = "/applications/{id}/commands", "/applications/{id}/guilds/{guild}"
        return [
            self.route("GET", everywhere, lambda _: (200, self.commands)),
            self.route("PUT", everywhere, self._sync),
            self.route("GET", f"{local}/commands", self._of_guild),
            self.route("PUT", f"{local}/commands", self._sync_guild),
        ]

    def _sync(self, asked: Asked) -> Answer:
        self.commands = self._registered(asked.payload, self.commands)
        return 200, self.commands

    def _sync_guild(self, asked: Asked) -> Answer:
        guild = asked.path["guild"]
        known = self.guild_commands.get(guild, [])
        self.guild_commands[guild] = self._registered(asked.payload, known, guild_id=guild)
        return 200, self.guild_commands[guild]

    def _of_guild(self, asked: Asked) -> Answer:
        return 200, self.guild_commands.get(asked.path["guild"], [])

    def _registered(self, commands: list[Json], known: list[Json], **place: str) -> list[Json]:
        rules.check_commands(commands)
        self.syncs += 1
        ids = {(each["type"], each["name"]): each["id"] for each in known}
        return [
            {
                "contexts": None,
                "default_member_permissions": None,
                "nsfw": False,
                "description": "",
                **command,
                "integration_types": command.get("integration_types") or [ON_GUILD],
                **place,
                "id": ids.get((command.get("type", 1), command["name"]), self.world.new_id()),
                "type": command.get("type", 1),
                "application_id": self.world.bot.id,
                "version": self.world.new_id(),
            }
            for command in commands
        ]

    # --- a person's client ---------------------------------------------------------------------

    def command(self, name: str, kind: int, channel: Channel) -> Json:
        """Find a command as the client shows it there; AssertionError where it is not shown."""
        here = [*self.guild_commands.get(channel.guild_id or "", []), *self.commands]
        found = [each for each in here if each["name"] == name and each["type"] == kind]
        shown = [each["name"] for each in here]
        assert found, f"no command {name!r} of type {kind} here, only {shown}"
        self._assert_shown(found[0], channel)
        return found[0]

    def _assert_shown(self, command: Json, channel: Channel) -> None:
        guild = self.world.guild_of(channel)
        context = IN_GUILD if guild else IN_BOT_DM
        contexts = command["contexts"]
        assert contexts is None or context in contexts, f"{command['name']} is not for {context}"
        if guild is not None and guild.foreign:
            installs = command["integration_types"]
            assert ON_USER in installs, f"{command['name']} cannot be installed by a user"

    def filled(
        self, command: Json, words: list[str], values: Mapping[str, Any], channel: Channel
    ) -> tuple[list[Json], Json]:
        """Fill a command's options as the client would; AssertionError for what it refuses.

        Returns:
            The options, nested under their subcommand, and what they refer to.
        """
        if words:
            inner = self._subcommand(command, words[0])
            options, resolved = self.filled(inner, words[1:], values, channel)
            return [{"name": inner["name"], "type": inner["type"], "options": options}], resolved
        declared = {option["name"]: option for option in command.get("options") or []}
        groups = [name for name, each in declared.items() if each["type"] in SUBCOMMANDS]
        assert not groups, f"{command['name']} needs one of {groups}"
        unknown = set(values) - set(declared)
        assert not unknown, f"{command['name']} has no options {sorted(unknown)}"
        missing = {name for name, each in declared.items() if each.get("required")} - set(values)
        assert not missing, f"{command['name']} needs {sorted(missing)}"
        resolved: Json = {}
        return [
            self._option(declared[name], value, channel, resolved) for name, value in values.items()
        ], resolved

    def _subcommand(self, command: Json, name: str) -> Json:
        inner = [each for each in command.get("options") or [] if each["name"] == name]
        assert inner, f"{command['name']} has no subcommand {name!r}"
        assert inner[0]["type"] in SUBCOMMANDS, f"{name!r} is an option, not a subcommand"
        return inner[0]

    def _option(self, option: Json, value: Any, channel: Channel, resolved: Json) -> Json:
        kind = option["type"]
        assert_value(option, value)
        sent = value
        if kind == ATTACHMENT:
            sent = self.refer_to_file(value, channel, resolved)
        elif kind in {USER, MENTIONABLE}:
            sent = self._refer_to_person(self.world.person(value), resolved)
        elif kind == CHANNEL:
            sent = self._refer_to_channel(self.world.channel(value), resolved)
        return {"name": option["name"], "type": kind, "value": sent}

    def refer_to_file(self, value: Any, channel: Channel, resolved: Json) -> str:
        """Upload bytes or a (name, bytes) pair on the person's behalf."""
        attached = self.store(channel.id, as_upload(value), {})
        shape = {**shapes.attachment(attached, self.url), "ephemeral": True}
        resolved.setdefault("attachments", {})[attached.id] = shape
        return attached.id

    def _refer_to_person(self, person: Person, resolved: Json) -> str:
        resolved.setdefault("users", {})[person.id] = shapes.user(person)
        member = {**shapes.member(person, whole=False), "permissions": str(shapes.EVERYTHING)}
        resolved.setdefault("members", {})[person.id] = member
        return person.id

    def _refer_to_channel(self, channel: Channel, resolved: Json) -> str:
        shape = {"permissions": str(shapes.EVERYTHING), **shapes.channel(channel, self.world)}
        resolved.setdefault("channels", {})[channel.id] = shape
        return channel.id


def as_upload(value: Any) -> Upload:
    """Read a person's file: bytes, or a pair of name and bytes."""
    if isinstance(value, bytes):
        return Upload(f"image.{_extension(value)}", value)
    name, data = value
    return Upload(name, data)


def _extension(data: bytes) -> str:
    starts = {b"\x89PNG": "png", b"\xff\xd8": "jpg", b"RIFF": "webp", b"GIF8": "gif"}
    return next((name for start, name in starts.items() if data.startswith(start)), "bin")


def assert_value(option: Json, value: Any) -> None:
    """Refuse a value that Discord's client would not let a person send."""
    name, kind = option["name"], option["type"]
    wanted = _PYTHON_TYPES[kind]
    fits = isinstance(value, wanted) and (kind == BOOLEAN) == isinstance(value, bool)
    assert fits, f"{name} takes {wanted}, not {value!r}"
    choices = option.get("choices") or []
    if choices:
        known = [choice["value"] for choice in choices]
        assert value in known, f"{name} is one of {known}, not {value!r}"
    measured: Any = len(value) if isinstance(value, str) else value
    for bound, below in _BOUNDS:
        limit = option.get(bound)
        if limit is not None:
            assert measured >= limit if below else measured <= limit, f"{name}: {bound} {limit}"


_BOUNDS = (("min_value", True), ("max_value", False), ("min_length", True), ("max_length", False))
_PYTHON_TYPES: dict[int, Any] = {
    STRING: str,
    INTEGER: int,
    BOOLEAN: bool,
    USER: (int, str),
    CHANNEL: (int, str),
    ROLE: (int, str),
    MENTIONABLE: (int, str),
    NUMBER: (int, float),
    ATTACHMENT: (bytes, tuple, list),
}
