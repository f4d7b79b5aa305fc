"""The frozen set of ports and rules that every command is handed. There is no other global."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from core.catalogue import Catalogue
from core.command import Command
from core.money.policy import Policy
from core.ports import Database, Finishing, ImageStore, Messenger, Provider, Room
from core.providers.breaker import Breaker

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Characters of ids: none that people mistake for another when they read one aloud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """Everything a command or a job needs from outside."""

    database: Database
    images: ImageStore
    room: Room
    providers: Mapping[str, Provider]
    breakers: Mapping[str, Breaker]
    """One per provider."""
    messengers: Mapping[str, Messenger]
    commands: tuple[type[Command], ...]
    catalogue: Catalogue
    policy: Policy
    finishing: Finishing
    now: Callable[[], datetime]
    random: Random
    notices: asyncio.Event = field(default_factory=asyncio.Event)
    """The bell: operators are owed words that nobody asked for."""

    def new_id(self) -> str:
        """Draw a short id: 31^10 leaves no room for two alike."""
        return "".join(self.random.choices(ALPHABET, k=10))

    def new_code(self) -> str:
        """Draw a code for an invitation: 20 characters of 31 are 99 bits."""
        return "-".join("".join(self.random.choices(ALPHABET, k=5)) for _ in range(4))

    def new_seed(self) -> int:
        """Draw a seed that every provider takes."""
        return self.random.randrange(2**31)
