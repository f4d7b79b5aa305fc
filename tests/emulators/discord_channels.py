"""Routes for the bot's own account, channels, threads, messages and the files they carry."""

from aiohttp import web

from tests.emulators import discord_errors as errors
from tests.emulators import discord_rules as rules
from tests.emulators import discord_shapes as shapes
from tests.emulators.discord_forms import Form, Upload
from tests.emulators.discord_wire import Answer, Asked, DiscordWire
from tests.emulators.discord_world import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    THREAD,
    Attached,
    Channel,
    Json,
    Message,
    now_iso,
)

SEND = "SEND_MESSAGES"


class Channels(DiscordWire):
    """What the bot does as a member, without an interaction's token."""

    def channel_routes(self) -> list[web.RouteDef]:
        at_channel, at_message = "/channels/{id}", "/channels/{id}/messages/{message}"
        return [
            self.route("GET", "/gateway/bot", self._gateway_bot),
            self.route("GET", "/gateway", self._gateway_bot),
            self.route("GET", "/users/@me", self._me),
            self.route("GET", "/users/{id}", self._person),
            self.route("GET", "/oauth2/applications/@me", self._application),
            self.route("GET", "/applications/@me", self._application),
            self.route("GET", "/applications/{id}/entitlements", lambda _: (200, [])),
            self.route("GET", "/applications/{id}/skus", lambda _: (200, [])),
            self.route("POST", "/users/@me/channels", self._open_direct),
            self.route("GET", at_channel, self._get_channel),
            self.route("PATCH", at_channel, self._change_channel),
            self.route("POST", f"{at_channel}/typing", self._type),
            self.route("POST", f"{at_channel}/threads", self._start_thread),
            self.route("POST", f"{at_message}/threads", self._start_thread),
            self.route("POST", f"{at_channel}/messages", self._send),
            self.route("GET", f"{at_channel}/messages", self._history),
            self.route("GET", at_message, self._get_message),
            self.route("PATCH", at_message, self._edit),
            self.route("DELETE", at_message, self._delete),
            self.route("PUT", f"{at_message}/reactions/{{emoji}}/@me", self._react),
            self.route("DELETE", f"{at_message}/reactions/{{emoji}}/@me", self._unreact),
            web.get("/gateway/ws", self.gateway.handle),
            web.get("/gateway/ws/", self.gateway.handle),
            web.get("/cdn/attachments/{channel}/{id}/{name}", self._download),
        ]

    # --- the account ---------------------------------------------------------------------------

    def _gateway_bot(self, _: Asked) -> Answer:
        limit = {
            "total": 1000,
            "remaining": 1000 - len(self.gateway.identified),
            "reset_after": 0,
            "max_concurrency": self.gateway.max_concurrency,
        }
        address = self.gateway_url
        return 200, {"url": address, "shards": self.gateway.shards, "session_start_limit": limit}

    def _me(self, _: Asked) -> Answer:
        return 200, shapes.account(self.world.bot)

    def _person(self, asked: Asked) -> Answer:
        return 200, shapes.user(self.world.person(asked.path["id"]))

    def _application(self, _: Asked) -> Answer:
        return 200, shapes.application(self.world.bot)

    # --- channels ------------------------------------------------------------------------------

    def _open_direct(self, asked: Asked) -> Answer:
        person = self.world.person(asked.payload["recipient_id"])
        return 200, shapes.channel(self.world.direct_channel(person), self.world)

    def _reach(self, asked: Asked, *needed: str) -> Channel:
        channel = self.world.channel(asked.path["id"])
        self.world.allow_bot(channel, needed)
        return channel

    def _get_channel(self, asked: Asked) -> Answer:
        return 200, shapes.channel(self._reach(asked), self.world)

    def _change_channel(self, asked: Asked) -> Answer:
        channel = self._reach(asked)
        channel.name = asked.payload.get("name", channel.name)
        channel.archived = asked.payload.get("archived", channel.archived)
        return 200, shapes.channel(channel, self.world)

    def _type(self, asked: Asked) -> Answer:
        self._reach(asked, SEND)
        return 204, None

    def _start_thread(self, asked: Asked) -> Answer:
        parent = self._reach(asked, "CREATE_PUBLIC_THREADS")
        thread = self.open_thread(parent, asked.payload["name"], self.world.bot.id)
        thread.id = asked.path.get("message", thread.id)
        return 201, shapes.channel(self.world.add_channel(thread), self.world)

    def open_thread(self, parent: Channel, name: str, owner_id: str) -> Channel:
        """Make a thread; it is not yet in the world."""
        thread = Channel(self.world.new_id(), THREAD, name, parent.guild_id, parent.id)
        thread.owner_id = owner_id
        return thread

    # --- messages ------------------------------------------------------------------------------

    def _send(self, asked: Asked) -> Answer:
        needed = [SEND, "ATTACH_FILES"] if asked.form.files else [SEND]
        channel = self._reach(asked, *needed)
        channel.revive()
        payload = asked.payload
        if payload.get("enforce_nonce") and (known := self._same_nonce(channel, payload)):
            return 200, self.shape(known)
        message = self.compose(channel, asked.form, self.world.size_limit(channel))
        message.nonce = payload.get("nonce")
        message.reply_to = self._replied(channel, payload.get("message_reference"))
        self.publish(message)
        return 200, self.shape(message)

    def _same_nonce(self, channel: Channel, payload: Json) -> Message | None:
        sent = self.world.in_channel(channel.id)
        mine = (held for held in sent if held.author_id == self.world.bot.id)
        return next((held for held in mine if str(held.nonce) == str(payload.get("nonce"))), None)

    def _replied(self, channel: Channel, reference: Json | None) -> str | None:
        if not reference:
            return None
        target = str(reference["message_id"])
        if target in {held.id for held in self.world.in_channel(channel.id)}:
            return target
        if reference.get("fail_if_not_exists", True):
            code = "REPLIES_UNKNOWN_MESSAGE"
            raise errors.invalid("message_reference", code, "Unknown message")
        return None

    def compose(self, channel: Channel, form: Form, size_limit: int) -> Message:
        """Make a message of the bot out of a form, not yet published."""
        bot = self.world.bot.id
        message = Message(self.world.new_id(), channel.id, bot)
        self.revise(message, form, size_limit)
        self.broken_rules.extend(rules.check_mentions(form.payload, f"channel {channel.id}"))
        return message

    def publish(self, message: Message) -> None:
        """Let people and the bot see a message."""
        self.world.add_message(message)
        self.tell_message("MESSAGE_CREATE", message)
        self.changed()

    def revise(self, message: Message, form: Form, size_limit: int) -> None:
        """Apply a form to a message or refuse it whole."""
        payload = form.payload
        flags = (payload.get("flags") or 0) | (message.flags & (COMPONENTS_V2 | EPHEMERAL))
        rules.check_message(Form({**payload, "flags": flags}, form.files), size_limit)
        attached = self._attached(message, form)
        content = payload.get("content", message.content) or ""
        components = payload.get("components", message.components) or []
        embeds = payload.get("embeds", message.embeds) or []
        if not (content or attached or components or embeds):
            raise errors.empty_message()
        rules.check_references([*components, *embeds], [file.name for file in attached])
        message.content, message.attached = content, attached
        message.components, message.embeds = components, embeds
        message.flags = flags & ~LOADING

    def _attached(self, message: Message, form: Form) -> list[Attached]:
        listed: list[Json] | None = form.payload.get("attachments")
        kept = message.attached
        if listed is not None:
            wanted = {str(each["id"]) for each in listed}
            kept = [file for file in message.attached if file.id in wanted]
            unknown = wanted - {file.id for file in message.attached} - set(form.files)
            if unknown:
                raise errors.invalid("attachments", "ATTACHMENT_NOT_FOUND", f"{sorted(unknown)}")
        about = {str(each["id"]): each for each in listed or []}
        new = [
            self.store(message.channel_id, upload, about.get(number, {}))
            for number, upload in form.files.items()
        ]
        if len(kept) + len(new) > rules.MAX_FILES:
            raise errors.too_many_files()
        return [*kept, *new]

    def store(self, channel_id: str, upload: Upload, about: Json) -> Attached:
        """Keep an upload where the CDN finds it."""
        named = Upload(about.get("filename") or upload.name, upload.data)
        width, height = named.size() or (None, None)
        attached = Attached(
            id=self.world.new_id(),
            channel_id=channel_id,
            name=named.safe_name,
            data=named.data,
            content_type=named.content_type,
            description=about.get("description"),
            width=width,
            height=height,
        )
        self.world.uploads[attached.id] = attached
        return attached

    def _found(self, asked: Asked) -> tuple[Channel, Message]:
        channel = self._reach(asked)
        message = self.world.message(channel.id, asked.path["message"])
        if message.ephemeral_for:
            raise errors.unknown_message()
        return channel, message

    def _history(self, asked: Asked) -> Answer:
        channel = self._reach(asked, "READ_MESSAGE_HISTORY")
        held = [each for each in self.world.in_channel(channel.id) if not each.ephemeral_for]
        before, after = asked.query.get("before"), asked.query.get("after")
        held = [each for each in held if not before or int(each.id) < int(before)]
        held = [each for each in held if not after or int(each.id) > int(after)]
        newest = list(reversed(held))[: int(asked.query.get("limit", "50"))]
        return 200, [self.shape(each) for each in newest]

    def _get_message(self, asked: Asked) -> Answer:
        return 200, self.shape(self._found(asked)[1])

    def _edit(self, asked: Asked) -> Answer:
        channel, message = self._found(asked)
        if message.author_id != self.world.bot.id:
            raise errors.another_author()
        if channel.archived:
            raise errors.thread_archived()
        self.edit(message, asked.form, self.world.size_limit(channel))
        return 200, self.shape(message)

    def edit(self, message: Message, form: Form, size_limit: int) -> None:
        """Change a message of the bot and let everyone see it."""
        self.revise(message, form, size_limit)
        if form.payload.get("content"):
            self.broken_rules.extend(rules.check_mentions(form.payload, f"edit {message.id}"))
        message.edited_at = now_iso()
        self.tell_message("MESSAGE_UPDATE", message)
        self.changed()

    def _delete(self, asked: Asked) -> Answer:
        channel, message = self._found(asked)
        if message.author_id != self.world.bot.id:
            raise errors.missing_permission()
        if channel.archived:
            raise errors.thread_archived()
        self.delete(message)
        return 204, None

    def delete(self, message: Message) -> None:
        """Take a message away from everyone."""
        self.world.remove_message(message)
        channel = self.world.channel(message.channel_id)
        gone = {"id": message.id, "channel_id": channel.id}
        if channel.guild_id:
            gone["guild_id"] = channel.guild_id
        needs = 1 << 9 if channel.guild_id else 1 << 12
        self.gateway.tell("MESSAGE_DELETE", gone, channel.guild_id, needs)
        self.changed()

    def _react(self, asked: Asked) -> Answer:
        _, message = self._found(asked)
        self._reach(asked, "ADD_REACTIONS")
        if asked.path["emoji"] not in message.reactions:
            message.reactions.append(asked.path["emoji"])
        return 204, None

    def _unreact(self, asked: Asked) -> Answer:
        _, message = self._found(asked)
        message.reactions = [each for each in message.reactions if each != asked.path["emoji"]]
        return 204, None

    async def _download(self, request: web.Request) -> web.StreamResponse:
        held = self.world.uploads.get(request.match_info["id"])
        if held is None or self.next_fault("GET /cdn/attachments") is not None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=held.data, content_type=held.content_type)
