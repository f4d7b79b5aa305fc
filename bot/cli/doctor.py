"""What is set, what works, and what to do about the rest: free calls only."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

from bot import logs
from bot.platforms import Platform, configured
from bot.settings import Settings, read_settings
from bot.strings import FALLBACK, text
from bot.wiring import open_studio
from core.commands.jobs import WEEK
from core.errors import ConfigError, StudioError
from core.ports import Provider
from core.studio import Studio

ABSENT = {
    "telegram": "set TELEGRAM_BOT_TOKEN (from @BotFather), or run: nano-banana setup",
    "discord": "set DISCORD_BOT_TOKEN (discord.com/developers), or run: nano-banana setup",
    "fal": "set FAL_KEY (fal.ai/dashboard/keys), or run: nano-banana setup",
    "replicate": "set REPLICATE_API_TOKEN (replicate.com), or run: nano-banana setup",
}
WRONG = {
    "telegram": "Is TELEGRAM_BOT_TOKEN the one that @BotFather shows, and the network up?",
    "discord": "Is DISCORD_BOT_TOKEN the one from discord.com/developers, and the network up?",
    "fal": "Is FAL_KEY one of fal.ai/dashboard/keys, the account paid, the network up?",
    "replicate": "Is REPLICATE_API_TOKEN one of replicate.com/account/api-tokens, the network up?",
}
MARKS = {"ok": "[green]✓[/]", "off": "[dim]·[/]", "note": "[yellow]![/]", "wrong": "[red]✗[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    about: str
    state: Literal["ok", "off", "note", "wrong"]
    detail: str


async def examine() -> int:
    """Print one line per thing; return 1 when something that is set does not work."""
    findings: list[Finding] = []
    try:
        settings = read_settings()
        logs.set_up(settings.secrets(), quiet=True)
        findings.append(Finding("settings", "ok", "every value is good"))
        findings += await _parts(settings)
    except ConfigError as error:
        findings.append(Finding("settings", "wrong", str(error)))
    except StudioError as error:
        findings.append(Finding("data", "wrong", error.key))
    _show(findings)
    return int(any(finding.state == "wrong" for finding in findings))


async def _parts(settings: Settings) -> list[Finding]:
    async with open_studio(settings, lambda _, __: {}, checkpoints=False) as studio:
        where = Finding("data", "ok", f"{settings.data_dir.absolute()}, database and images open")
        platforms = {one.name: one for one in configured(settings)}
        parts: dict[str, Provider | Platform | None] = {
            **{name: studio.providers.get(name) for name in ("sketch", "fal", "replicate")},
            **{name: platforms.get(name) for name in ("telegram", "discord")},
        }
        lost = await _undelivered(studio)
        return [where, *lost, *await asyncio.gather(*(_checked(*part) for part in parts.items()))]


async def _undelivered(studio: Studio) -> list[Finding]:
    """Name the last result that no chat could be told of, if there is one; it is kept."""
    async with studio.database.reading() as tx:
        lost = await tx.outbox.given_up(studio.now() - WEEK)
    if not lost:
        return []
    last = {"job": lost[0].job, "why": f"@{lost[0].error}"}
    about = text("jobs.given_up", FALLBACK, last)
    return [Finding("results", "note", f"{len(lost)} of the last seven days: {about}")]


async def _checked(name: str, part: Provider | Platform | None) -> Finding:
    if part is None:
        return Finding(name, "off", ABSENT[name])
    health = await part.check()
    if health.ok:
        return Finding(name, "ok", health.detail)
    return Finding(name, "wrong", f"{health.detail.rstrip('.')}. {WRONG[name]}")


def _show(findings: list[Finding]) -> None:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.about, finding.detail)
    Console(highlight=False).print(table)
