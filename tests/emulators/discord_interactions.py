"""The life of an interaction: sent, acknowledged in 3 s, answered with its token for 15 minutes."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulators import discord_errors as errors
from tests.emulators import discord_rules as rules
from tests.emulators import discord_shapes as shapes
from tests.emulators.discord_commands import ON_GUILD, ON_USER, Commands
from tests.emulators.discord_forms import Form
from tests.emulators.discord_wire import Answer, Asked
from tests.emulators.discord_world import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    Channel,
    Id,
    Json,
    Message,
    Person,
)

ACKNOWLEDGE_SECONDS, TOKEN_SECONDS, USER_APP_FOLLOW_UPS = 3.0, 15 * 60.0, 5
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
REPLY, DEFER, DEFER_UPDATE, UPDATE, SUGGEST, OPEN_MODAL = 4, 5, 6, 7, 8, 9


@dataclass
class Interaction:
    """One press, command or form of a person."""

    id: str
    token: str
    type: int
    user_id: str
    channel_id: str
    sent_at: float
    size_limit: int
    only_user_installed: bool = False
    source_id: str | None = None
    answer: int | None = None
    original_id: str | None = None
    follow_ups: int = 0
    choices: list[Json] | None = None
    modal: Json | None = None
    message_ids: set[str] = field(default_factory=set[str])

    @property
    def age(self) -> float:
        """Seconds since the person acted."""
        return time.monotonic() - self.sent_at


class Interactions(Commands):
    """Callback and webhook routes, and the interactions behind them."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.interactions: dict[str, Interaction] = {}

    def interaction_routes(self) -> list[web.RouteDef]:
        callback, hook = "/interactions/{id}/{token}/callback", "/webhooks/{id}/{token}"
        original, message = f"{hook}/messages/@original", f"{hook}/messages/{{message}}"
        return [
            self.route("POST", callback, self._acknowledge, open_to_all=True),
            self.route("POST", hook, self._follow_up, open_to_all=True),
            *(
                self.route(method, place, handler, open_to_all=True)
                for place in (original, message)
                for method, handler in (
                    ("GET", self._get_answer),
                    ("PATCH", self._edit_answer),
                    ("DELETE", self._delete_answer),
                )
            ),
        ]

    def expire(self, interaction_id: Id, seconds: float = TOKEN_SECONDS) -> None:
        """Age an interaction, by default beyond the life of its token."""
        self.interactions[str(interaction_id)].sent_at -= seconds

    # --- from a person -------------------------------------------------------------------------

    def interact(
        self, kind: int, person: Person, channel: Channel, data: Json, source: Message | None
    ) -> Interaction:
        """Send the bot an interaction of a person."""
        guild = self.world.guild_of(channel)
        interaction = Interaction(
            id=self.world.new_id(),
            token=secrets.token_urlsafe(32),
            type=kind,
            user_id=person.id,
            channel_id=channel.id,
            sent_at=time.monotonic(),
            size_limit=self.world.size_limit(channel),
            only_user_installed=guild is not None and guild.foreign,
            source_id=source.id if source else None,
        )
        self.interactions[interaction.id] = interaction
        payload = {**self._envelope(interaction, person, channel), "data": data}
        if source is not None:
            payload["message"] = self.shape(source)
        home = None if interaction.only_user_installed else channel.guild_id
        self.gateway.tell("INTERACTION_CREATE", payload, home)
        return interaction

    def _envelope(self, interaction: Interaction, person: Person, channel: Channel) -> Json:
        guild = self.world.guild_of(channel)
        if interaction.only_user_installed:
            owners = {str(ON_USER): person.id}
        else:
            owners = {str(ON_GUILD): guild.id if guild else "0"}
        permissions = str(
            shapes.EVERYTHING - sum(shapes.PERMISSIONS[name] for name in channel.denied)
        )
        envelope: Json = {
            "id": interaction.id,
            "application_id": self.world.bot.id,
            "type": interaction.type,
            "token": interaction.token,
            "version": 1,
            "channel_id": channel.id,
            "channel": {**shapes.channel(channel, self.world), "permissions": permissions},
            "app_permissions": permissions,
            "attachment_size_limit": interaction.size_limit,
            "context": 0 if guild else 1,
            "authorizing_integration_owners": owners,
            "entitlements": [],
            "locale": person.locale,
        }
        if guild is None:
            return {**envelope, "user": shapes.user(person)}
        home = {"id": guild.id, "locale": "en-US", "features": []}
        place = {"guild_id": guild.id, "guild_locale": "en-US", "guild": home}
        return {**envelope, **place, "member": shapes.member(person, guild)}

    # --- acknowledging -------------------------------------------------------------------------

    def _acknowledge(self, asked: Asked) -> Answer:
        interaction = self._pending(asked)
        kind, data = asked.payload["type"], asked.payload.get("data") or {}
        if kind not in _allowed(interaction):
            raise errors.invalid("type", "BASE_TYPE_CHOICES", f"{kind} cannot answer this")
        form = Form(data, asked.form.files)
        self._answer(interaction, kind, form)
        interaction.answer = kind
        if asked.query.get("with_response") not in {"true", "1"}:
            return 204, None
        return 200, self._told(interaction, kind)

    def _pending(self, asked: Asked) -> Interaction:
        interaction = self.interactions.get(asked.path["id"])
        if interaction is None or interaction.token != asked.path["token"]:
            raise errors.unknown_interaction()
        if interaction.answer is not None:
            raise errors.already_acknowledged()
        if interaction.age > ACKNOWLEDGE_SECONDS:
            raise errors.unknown_interaction()
        return interaction

    def _answer(self, interaction: Interaction, kind: int, form: Form) -> None:
        if kind == SUGGEST:
            rules.check_choices(form.payload["choices"])
            interaction.choices = form.payload["choices"]
        elif kind == OPEN_MODAL:
            rules.check_modal(form.payload)
            interaction.modal = form.payload
        elif kind == REPLY:
            self._post(interaction, form)
        elif kind == DEFER:
            self._think(interaction, form.payload.get("flags") or 0)
        else:
            interaction.original_id = interaction.source_id
            if kind == UPDATE:
                self.edit(self._held(interaction), form, interaction.size_limit)

    def _think(self, interaction: Interaction, flags: int) -> None:
        message = self._blank(interaction)
        message.flags = LOADING | (flags & (EPHEMERAL | COMPONENTS_V2))
        self._seen(interaction, message)

    def _blank(self, interaction: Interaction) -> Message:
        channel = self.world.channel(interaction.channel_id)
        channel.revive()
        message = Message(self.world.new_id(), channel.id, self.world.bot.id)
        message.interaction_id = interaction.id
        message.webhook_id = self.world.bot.id
        return message

    def _post(self, interaction: Interaction, form: Form) -> Message:
        message = self._blank(interaction)
        self.revise(message, form, interaction.size_limit)
        self.broken_rules.extend(rules.check_mentions(form.payload, f"reply {interaction.id}"))
        self._seen(interaction, message)
        return message

    def _seen(self, interaction: Interaction, message: Message) -> None:
        if message.flags & EPHEMERAL:
            message.ephemeral_for = interaction.user_id
        interaction.message_ids.add(message.id)
        if interaction.original_id is None:
            interaction.original_id = message.id
        self.publish(message)

    def _told(self, interaction: Interaction, kind: int) -> Json:
        about: Json = {"id": interaction.id, "type": interaction.type}
        message = self.world.messages.get(interaction.original_id or "")
        if message is None:
            return {"interaction": about}
        about |= {
            "response_message_id": message.id,
            "response_message_loading": message.thinking,
            "response_message_ephemeral": message.ephemeral_for is not None,
        }
        shown = {REPLY: REPLY, DEFER: REPLY, UPDATE: UPDATE}.get(kind)
        if shown is None:
            return {"interaction": about}
        return {"interaction": about, "resource": {"type": shown, "message": self.shape(message)}}

    # --- with the token ------------------------------------------------------------------------

    def _open(self, asked: Asked) -> Interaction:
        known = self.interactions.values()
        found = [each for each in known if each.token == asked.path["token"]]
        if not found or asked.path["id"] != self.world.bot.id or found[0].answer is None:
            raise errors.unknown_webhook()
        if found[0].age > TOKEN_SECONDS:
            raise errors.token_expired()
        channel = self.world.channel(found[0].channel_id)
        if channel.locked:
            raise errors.thread_archived()
        return found[0]

    def _held(self, interaction: Interaction, message_id: str = "@original") -> Message:
        if message_id == "@original":
            message_id = interaction.original_id or ""
        elif message_id not in interaction.message_ids:
            raise errors.unknown_message()
        return self.world.message(interaction.channel_id, message_id)

    def _follow_up(self, asked: Asked) -> Answer:
        interaction = self._open(asked)
        original = self.world.messages.get(interaction.original_id or "")
        if interaction.answer == DEFER and original is not None and original.thinking:
            return self._finish(interaction, original, asked)
        if interaction.only_user_installed and interaction.follow_ups >= USER_APP_FOLLOW_UPS:
            raise errors.too_many_follow_ups()
        message = self._post(interaction, asked.form)
        interaction.follow_ups += 1
        return 200, self.shape(message)

    def _finish(self, interaction: Interaction, message: Message, asked: Asked) -> Answer:
        self.edit(message, _without_ephemeral(asked.form), interaction.size_limit)
        return 200, self.shape(message)

    def _get_answer(self, asked: Asked) -> Answer:
        return 200, self.shape(self._held(self._open(asked), _name(asked)))

    def _edit_answer(self, asked: Asked) -> Answer:
        interaction = self._open(asked)
        return self._finish(interaction, self._held(interaction, _name(asked)), asked)

    def _delete_answer(self, asked: Asked) -> Answer:
        self.delete(self._held(self._open(asked), _name(asked)))
        return 204, None


def _name(asked: Asked) -> str:
    return asked.path.get("message", "@original")


def _without_ephemeral(form: Form) -> Form:
    flags = (form.payload.get("flags") or 0) & ~EPHEMERAL
    return Form({**form.payload, "flags": flags}, form.files)


def _allowed(interaction: Interaction) -> set[int]:
    """The answers that fit the kind of interaction."""
    if interaction.type == AUTOCOMPLETE:
        return {SUGGEST}
    changes = {DEFER_UPDATE, UPDATE} if interaction.source_id else set[int]()
    return {REPLY, DEFER, *changes} | (set() if interaction.type == MODAL else {OPEN_MODAL})
