"""What the studio says when it starts: what is on, and how to switch on the rest."""

import shutil
import sys
from pathlib import Path

from bot.settings import Settings
from core.studio import Studio

NAME = "nano-banana"
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
    lines = [NAME, ""]
    lines += [_line("surface", name, on=on) for name, on in surfaces.items()]
    lines += [_line("provider", name, on=on) for name, on in providers.items()]
    lines += ["", f"Pictures and history: {settings.data_dir.absolute()}"]
    if not all(providers.values()) or not all(surfaces.values()):
        setup = f"{_program()} setup"
        lines.append(f"To switch on the others: {setup} (keys go to .env), then start again.")
    return "\n".join([*lines, "", f"Sign in to the web chat: {link}"])


def _program() -> str:
    """Name the program as it can be typed here: after `make run` it is on nobody's path."""
    started = Path(sys.argv[0])
    found = started.name != NAME or shutil.which(NAME)
    return NAME if found else str(started)


def _line(kind: str, name: str, *, on: bool) -> str:
    how = "" if on else f"  (set {MISSING[name]})"
    return f"  {'on ' if on else 'off'}  {kind:8} {name}{how}"
