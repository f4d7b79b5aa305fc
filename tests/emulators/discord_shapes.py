"""Draws the JSON of users, guilds, channels and messages as Discord sends it."""

from tests.emulators.discord_components import drawn, unfurled
from tests.emulators.discord_world import (
    THREAD,
    Attached,
    Channel,
    Guild,
    Json,
    Message,
    Person,
    World,
)

PERMISSIONS = {
    "ADD_REACTIONS": 1 << 6,
    "VIEW_CHANNEL": 1 << 10,
    "SEND_MESSAGES": 1 << 11,
    "EMBED_LINKS": 1 << 14,
    "ATTACH_FILES": 1 << 15,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "USE_APPLICATION_COMMANDS": 1 << 31,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
}
EVERYTHING = sum(PERMISSIONS.values())
"""What everybody may do; keeping order is not among it."""
MANAGE_MESSAGES = 1 << 13
LONG_AGO = "2024-01-01T00:00:00+00:00"


def user(person: Person) -> Json:
    return {
        "id": person.id,
        "username": person.name,
        "discriminator": "0",
        "global_name": person.name,
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
        **({"bot": True} if person.bot else {}),
    }


def account(person: Person) -> Json:
    """The bot's own user, with what only it may know."""
    private = {"mfa_enabled": False, "verified": True, "email": None, "locale": person.locale}
    return {**user(person), **private}


def application(bot: Person) -> Json:
    nothing = ("icon", "type", "team", "interactions_endpoint_url")
    lists = ("redirect_uris", "eligible_oauth2_scopes")
    numbers = ("approximate_guild_count", "approximate_user_install_count", "flags")
    return {
        "id": bot.id,
        "name": bot.name,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags_new": "0",
        "role_connections_verification_url": None,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "owner": {**user(bot), "bot": False},
        "bot": user(bot),
        **dict.fromkeys(nothing),
        **{name: [] for name in lists},
        **dict.fromkeys(numbers, 0),
    }


def member(person: Person, guild: Guild | None = None, *, whole: bool = True) -> Json:
    """A guild member; inside a message the user is left out."""
    roles = guild.roles if guild else {}
    return {
        **({"user": user(person), "permissions": _permissions(person, guild)} if whole else {}),
        "roles": [role_id for role_id, people in roles.items() if person.id in people],
        "flags": 0,
        "joined_at": LONG_AGO,
        "nick": None,
        "avatar": None,
        "premium_since": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "communication_disabled_until": None,
    }


def _permissions(person: Person, guild: Guild | None) -> str:
    ordered = guild is not None and any(person.id in guild.roles[one] for one in guild.moderating)
    return str(EVERYTHING | MANAGE_MESSAGES * ordered)


def channel(held: Channel, world: World) -> Json:
    if held.recipient_id:
        recipient = user(world.people[held.recipient_id])
        return {"id": held.id, "type": held.type, "recipients": [recipient], "flags": 0}
    shape: Json = {
        "id": held.id,
        "type": held.type,
        "name": held.name,
        "guild_id": held.guild_id,
        "parent_id": held.parent_id,
        "position": 0,
        "flags": 0,
        "nsfw": False,
        "topic": None,
        "last_message_id": None,
        "rate_limit_per_user": 0,
    }
    return {**shape, **(_thread_fields(held) if held.type == THREAD else _overwrites(held, world))}


def _overwrites(held: Channel, world: World) -> Json:
    denied = sum(PERMISSIONS[name] for name in held.denied)
    overwrite = {"id": world.bot.id, "type": 1, "allow": "0", "deny": str(denied)}
    return {"permission_overwrites": [overwrite] if denied else []}


def _thread_fields(held: Channel) -> Json:
    return {
        "owner_id": held.owner_id,
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": held.archived,
            "locked": held.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": LONG_AGO,
            "create_timestamp": LONG_AGO,
        },
    }


def guild(held: Guild, world: World) -> Json:
    """A whole guild as GUILD_CREATE carries it."""
    inside = [other for other in world.channels.values() if other.guild_id == held.id]
    return {
        "id": held.id,
        "name": held.name,
        "owner_id": "1",
        "unavailable": False,
        "member_count": len(world.people),
        "large": False,
        "joined_at": LONG_AGO,
        "roles": [
            role(held.id, "@everyone", held),
            *(role(each, "a role", held) for each in held.roles),
        ],
        "channels": [channel(other, world) for other in inside if other.type != THREAD],
        "threads": [channel(other, world) for other in inside if other.type == THREAD],
        "members": [member(world.bot)],
        "premium_tier": held.boost,
        "preferred_locale": "en-US",
        **{name: [] for name in _GUILD_LISTS},
        **dict.fromkeys(_GUILD_NUMBERS, 0),
        **dict.fromkeys(_GUILD_NOTHINGS),
    }


_GUILD_LISTS = (
    *("emojis", "stickers", "features", "presences", "voice_states"),
    *("stage_instances", "guild_scheduled_events", "soundboard_sounds"),
)
_GUILD_NUMBERS = (
    *("afk_timeout", "verification_level", "default_message_notifications", "mfa_level"),
    *("explicit_content_filter", "system_channel_flags", "nsfw_level"),
    "premium_subscription_count",
)
_GUILD_NOTHINGS = (
    *("icon", "splash", "discovery_splash", "banner", "description", "vanity_url_code"),
    *("afk_channel_id", "application_id", "system_channel_id", "rules_channel_id"),
    "public_updates_channel_id",
)


def role(role_id: str, name: str, guild: Guild) -> Json:
    """A role; the one that everyone has bears its guild's id."""
    return {
        "id": role_id,
        "name": name,
        "permissions": str(EVERYTHING | MANAGE_MESSAGES * (role_id in guild.moderating)),
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def attachment(held: Attached, origin: str) -> Json:
    url = f"{origin}/cdn/attachments/{held.channel_id}/{held.id}/{held.name}"
    known = {"description": held.description, "width": held.width, "height": held.height}
    return {
        "id": held.id,
        "filename": held.name,
        "size": len(held.data),
        "url": url,
        "proxy_url": url,
        "content_type": held.content_type,
        **{key: value for key, value in known.items() if value is not None},
    }


def message(held: Message, world: World, origin: str) -> Json:
    """A whole message."""
    attached = [attachment(file, origin) for file in held.attached]
    shape: Json = {
        "id": held.id,
        "channel_id": held.channel_id,
        "type": 19 if held.reply_to else 20 if held.interaction_id else 0,
        "author": user(world.people[held.author_id]),
        "content": held.content,
        "attachments": attached,
        "components": drawn(held.components, attached),
        "embeds": unfurled(held.embeds, attached),
        "flags": held.flags,
        "timestamp": held.sent_at,
        "edited_timestamp": held.edited_at,
        "mentions": [user(world.people[each]) for each in sorted(held.mentioned)],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
    }
    return {**shape, **_optional(held, world, origin)}


def _optional(held: Message, world: World, origin: str) -> Json:
    extra: Json = {}
    if held.webhook_id:
        extra |= {"webhook_id": held.webhook_id, "application_id": held.webhook_id}
    if held.nonce is not None:
        extra["nonce"] = held.nonce
    if held.reply_to:
        place = {"channel_id": held.channel_id, "message_id": held.reply_to}
        extra["message_reference"] = {"type": 0, **place}
        answered = world.messages.get(held.reply_to)
        extra["referenced_message"] = message(answered, world, origin) if answered else None
    return extra
