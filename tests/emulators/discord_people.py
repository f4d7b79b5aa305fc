"""The user side: people who write, run commands, press buttons and fill in forms."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.emulators import discord_shapes as shapes
from tests.emulators.discord_commands import SUBCOMMANDS, as_upload
from tests.emulators.discord_components import FILE_UPLOAD, LABEL, TEXT_INPUT, walk
from tests.emulators.discord_interactions import (
    ACKNOWLEDGE_SECONDS,
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL,
    Interaction,
    Interactions,
)
from tests.emulators.discord_reading import (
    Seen,
    assert_field,
    find_component,
    modal_fields,
    seen,
)
from tests.emulators.discord_world import TEXT, Channel, Guild, Id, Json, Message, Person


class People(Interactions):
    """What tests do in a person's place, and what they look at afterwards."""

    # --- setting up ----------------------------------------------------------------------------

    def user(self, user_id: Id, name: str, locale: str = "en-US") -> str:
        """Let a person join."""
        self.world.people[str(user_id)] = Person(str(user_id), name, locale)
        return str(user_id)

    def guild(self, guild_id: Id, name: str, *, foreign: bool = False, boost: int = 0) -> str:
        """Make a guild; in a foreign one only people have installed the bot."""
        guild = Guild(str(guild_id), name, foreign, boost)
        self.world.guilds[guild.id] = guild
        if not foreign:
            self.gateway.tell("GUILD_CREATE", shapes.guild(guild, self.world), guild.id, 1)
        return guild.id

    def role(self, guild_id: Id, *people: Id, moderates: bool = False) -> str:
        """Make a role and give it to people, who may then delete what others wrote if said."""
        guild, made = self.world.guilds[str(guild_id)], self.world.new_id()
        guild.roles[made] = {str(one) for one in people}
        guild.moderating |= {made} if moderates else set()
        told = {"guild_id": guild.id, "role": shapes.role(made, "a role", guild)}
        self.gateway.tell("GUILD_ROLE_CREATE", told, guild.id, 1)
        return made

    def channel(self, guild_id: Id, name: str) -> str:
        """Make a text channel."""
        channel = Channel(self.world.new_id(), TEXT, name, guild_id=str(guild_id))
        return self._announced("CHANNEL_CREATE", channel)

    def thread(self, channel_id: Id, name: str, owner_id: Id | None = None) -> str:
        """Start a thread under a channel."""
        parent = self.world.channel(channel_id)
        thread = self.open_thread(parent, name, str(owner_id or self.world.bot.id))
        return self._announced("THREAD_CREATE", thread)

    def _announced(self, event: str, channel: Channel) -> str:
        self.world.add_channel(channel)
        guild = self.world.guild_of(channel)
        if guild is not None and not guild.foreign:
            self.gateway.tell(event, shapes.channel(channel, self.world), guild.id, 1)
        return channel.id

    def dm(self, user_id: Id) -> str:
        """The private channel between a person and the bot."""
        return self.world.direct_channel(self.world.person(user_id)).id

    def deny(self, channel_id: Id, *permissions: str) -> None:
        """Take permissions, such as SEND_MESSAGES, from the bot."""
        self.world.channel(channel_id).denied.update(permissions)

    def close_thread(self, thread_id: Id, *, lock: bool = False) -> None:
        """Archive a thread, and lock it if asked."""
        thread = self.world.channel(thread_id)
        thread.archived, thread.locked = True, lock

    def remove_channel(self, channel_id: Id) -> None:
        """Delete a channel with all it holds."""
        channel = self.world.channel(channel_id)
        for message in self.world.in_channel(channel.id):
            self.world.remove_message(message)
        shape = shapes.channel(channel, self.world)
        del self.world.channels[channel.id]
        self.gateway.tell("CHANNEL_DELETE", shape, channel.guild_id, 1)

    def refuse_messages(self, user_id: Id) -> None:
        """Close a person's private channel to the bot."""
        self.world.person(user_id).takes_messages = False

    # --- doing ---------------------------------------------------------------------------------

    def say(
        self,
        user_id: Id,
        channel_id: Id,
        text: str,
        *,
        reply_to: Id | None = None,
        files: Sequence[Any] = (),
    ) -> str:
        """Write a message; files are bytes or (name, bytes) pairs."""
        channel = self.world.channel(channel_id)
        message = Message(self.world.new_id(), channel.id, str(user_id), text)
        message.attached = [self.store(channel.id, as_upload(each), {}) for each in files]
        message.mentioned = set(re.findall(r"<@!?(\d+)>", text))
        if reply_to is not None:
            message.reply_to = str(reply_to)
            message.mentioned.add(self.world.message(channel.id, reply_to).author_id)
        self.publish(message)
        return message.id

    def erase(self, message_id: Id) -> None:
        """Delete a message as a person or moderator does."""
        self.delete(self.world.messages[str(message_id)])

    def slash(self, user_id: Id, channel_id: Id, name: str, /, **options: Any) -> str:
        """Run a slash command; "group sub" names a subcommand."""
        channel = self.world.channel(channel_id)
        root, *words = name.split()
        command = self.command(root, 1, channel)
        filled, resolved = self.filled(command, words, options, channel)
        data = {"id": command["id"], "name": root, "type": 1, "options": filled}
        return self._run(user_id, channel, {**data, "resolved": resolved})

    def menu(self, user_id: Id, channel_id: Id, name: str, message_id: Id) -> str:
        """Run a command from the menu of a message."""
        channel = self.world.channel(channel_id)
        command = self.command(name, 3, channel)
        target = self.shape(self.world.message(channel.id, message_id))
        data = {"id": command["id"], "name": name, "type": 3, "target_id": target["id"]}
        resolved = {"messages": {target["id"]: target}}
        return self._run(user_id, channel, {**data, "resolved": resolved})

    def _run(self, user_id: Id, channel: Channel, data: Json) -> str:
        sent = {key: value for key, value in data.items() if value or key == "options"}
        return self.interact(COMMAND, self.world.person(user_id), channel, sent, None).id

    async def autocomplete(
        self, user_id: Id, channel_id: Id, name: str, option: str, typed: str, /, **others: Any
    ) -> list[Json]:
        """Type into an option and wait for the suggestions."""
        channel = self.world.channel(channel_id)
        root, *words = name.split()
        command = self.command(root, 1, channel)
        options = _focused(command, words, option, {**others, option: typed})
        data = {"id": command["id"], "name": root, "type": 1, "options": options}
        person = self.world.person(user_id)
        interaction = self.interact(AUTOCOMPLETE, person, channel, data, None)
        await self.until(lambda: interaction.choices is not None, ACKNOWLEDGE_SECONDS)
        return interaction.choices or []

    def press(self, user_id: Id, message_id: Id, button: str) -> str:
        """Press a button, named by its label or custom_id."""
        return self._use(user_id, message_id, button, {})

    def select(self, user_id: Id, message_id: Id, menu: str, values: Sequence[str]) -> str:
        """Choose from a select menu, named by its custom_id."""
        offered = find_component(self.world.messages[str(message_id)], menu)
        known = [option["value"] for option in offered.get("options") or []]
        assert not known or set(values) <= set(known), f"{values} are not all among {known}"
        return self._use(user_id, message_id, menu, {"values": list(values)})

    def _use(self, user_id: Id, message_id: Id, wanted: str, extra: Json) -> str:
        message = self.world.messages[str(message_id)]
        assert message.ephemeral_for in {None, str(user_id)}, "only its reader sees the message"
        found = find_component(message, wanted)
        assert "custom_id" in found, f"{wanted!r} only opens a link"
        shown = next(
            each
            for each in walk(self.shape(message)["components"])
            if each.get("custom_id") == found["custom_id"]
        )
        data = {"custom_id": found["custom_id"], "component_type": found["type"], **extra}
        channel = self.world.channel(message.channel_id)
        person = self.world.person(user_id)
        data["id"] = shown["id"]
        return self.interact(COMPONENT, person, channel, data, message).id

    async def submit_modal(
        self, user_id: Id, interaction_id: Id, values: Mapping[str, Any], within: float = 30.0
    ) -> str:
        """Fill in the form that an interaction opened, once it is open, and send it."""
        opener = self.interactions[str(interaction_id)]
        modal: Json = await self.until(lambda: opener.modal, within)
        fields = modal_fields(modal)
        unknown = set(values) - {each["custom_id"] for each in fields}
        assert not unknown, f"the form has no {sorted(unknown)}"
        channel = self.world.channel(opener.channel_id)
        resolved: Json = {}
        inputs = [self._input(each, values, channel, resolved) for each in fields]
        wrapped = [_wrapped(number, each) for number, each in enumerate(inputs)]
        data: Json = {"custom_id": modal["custom_id"], "components": wrapped}
        if resolved:
            data["resolved"] = resolved
        source = self.world.messages.get(opener.source_id or "")
        return self.interact(MODAL, self.world.person(user_id), channel, data, source).id

    def _input(
        self, component: Json, values: Mapping[str, Any], channel: Channel, resolved: Json
    ) -> Json:
        value = values.get(component["custom_id"])
        assert_field(component, value)
        shape = {key: component[key] for key in ("type", "custom_id")}
        if component["type"] == TEXT_INPUT:
            return {**shape, "value": value or ""}
        if component["type"] == FILE_UPLOAD:
            value = [self.refer_to_file(each, channel, resolved) for each in value or []]
        return {**shape, "values": list(value or [])}

    # --- looking -------------------------------------------------------------------------------

    def messages(self, channel_id: Id) -> list[Seen]:
        """All that is seen in a channel, oldest first, private answers included."""
        return [seen(message) for message in self.world.in_channel(channel_id)]

    async def expect(
        self, predicate: Callable[[Seen], bool], *, channel: Id, within: float = 30.0
    ) -> Seen:
        """Wait for a message; AssertionError shows the channel as it was instead."""

        def found() -> Seen | None:
            return next((each for each in self.messages(channel) if predicate(each)), None)

        try:
            return await self.until(found, within)
        except TimeoutError:
            lines = "\n".join(repr(each) for each in self.messages(channel)) or "(empty)"
            raise AssertionError(f"not seen within {within} s; the channel:\n{lines}") from None

    async def acknowledged(self, interaction_id: Id) -> Interaction:
        """Wait for the first answer; AssertionError is "The application did not respond"."""
        interaction = self.interactions[str(interaction_id)]
        try:
            await self.until(lambda: interaction.answer, ACKNOWLEDGE_SECONDS)
        except TimeoutError:
            raise AssertionError("The application did not respond") from None
        return interaction


def _focused(command: Json, words: list[str], option: str, values: Json) -> list[Json]:
    inner = {each["name"]: each for each in command.get("options") or []}
    if words:
        below = inner[words[0]]
        assert below["type"] in SUBCOMMANDS, f"{words[0]} is no subcommand"
        nested = _focused(below, words[1:], option, values)
        return [{"name": words[0], "type": below["type"], "options": nested}]
    assert inner[option].get("autocomplete"), f"{option} does not autocomplete"
    return [
        {"name": name, "type": inner[name]["type"], "value": value}
        | ({"focused": True} if name == option else {})
        for name, value in values.items()
    ]


def _wrapped(number: int, component: Json) -> Json:
    return {"type": LABEL, "id": 2 * number + 1, "component": {**component, "id": 2 * number + 2}}
