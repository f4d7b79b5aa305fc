"""What is set, what works, and what to do about the rest: free calls only."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from rich.console import Console

from bot.settings import Settings, read_settings
from core.errors import StudioError


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    about: str
    state: str
    """`ok`, `off` or `wrong`."""
    detail: str


MARKS = {"ok": "[green]✓[/]", "off": "[dim]–[/]", "wrong": "[red]✗[/]"}
