"""What the studio says when it starts: what is on, and how to switch on the rest."""

from bot.settings import Settings
from core.studio import Studio

MISSING = {
    "telegram": "TELEGRAM_BOT_TOKEN from @BotFather",
    "discord": "DISCORD_BOT_TOKEN from discord.com/developers",
    "fal": "FAL_KEY from fal.ai/dashboard/keys",
    "replicate": "REPLICATE_API_TOKEN from replicate.com",
}


def banner(settings: Settings, studio: Studio, link: str) -> str:
    """List surfaces and providers with their state, and the sign-in link last."""
    surfaces = {
        "web": True,
        **{name: name in studio.messengers for name in ("telegram", "discord")},
    }
    providers = {name: name in studio.providers for name in ("sketch", "fal", "replicate")}
    lines = ["nano-banana", ""]
    lines += [_line("surface", name, on=on) for name, on in surfaces.items()]
    lines += [_line("provider", name, on=on) for name, on in providers.items()]
    lines += ["", f"Pictures and history: {settings.data_dir.absolute()}"]
    if not all(providers.values()) or not all(surfaces.values()):
        lines.append(
            "To switch on the others: nano-banana setup (keys go to .env), then start again."
        )
    return "\n".join([*lines, "", f"Sign in to the web chat: {link}"])


def _line(kind: str, name: str, *, on: bool) -> str:
    how = "" if on else f"  (set {MISSING[name]})"
    return f"  {'on ' if on else 'off'}  {kind:8} {name}{how}"
