"""What an answer on Discord needs beyond its channel, kept as text inside the address."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

LIFE = 14.5 * 60
"""Seconds in which an interaction's token is used; Discord refuses it after 15 minutes."""
ROOM = 10 * 1024 * 1024
"""Bytes of one file, where a place says nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One asking, as far as answering it is concerned."""

    application: str = ""
    token: str = ""
    """Empty when somebody wrote a message: then the bot writes one too."""
    asked_at: int = 0
    """Seconds since 1970."""
    user: str = ""
    room: int = ROOM
    """Bytes that one file of the answer may have."""
    member: bool = True
    """The bot itself can write there; elsewhere only a person has installed it."""
    moderates: bool = False
    """Who asks may delete there what others wrote."""
    private: bool = False
    """Only who asked may see the answer."""
    pressed: str = ""
    """The message that the answer takes the place of."""
    notice: str = ""
    """The name of what is told without having been asked for, in the user's own channel."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read back what `write` wrote."""
        return cls(**json.loads(text or "{}"))

    def write(self) -> str:
        """Write down what differs from the usual."""
        usual = asdict(Ticket())
        said = {name: value for name, value in asdict(self).items() if value != usual[name]}
        return json.dumps(said, separators=(",", ":"))

    def alive(self, now: datetime) -> bool:
        """Whether the token still answers."""
        return bool(self.token) and now.timestamp() - self.asked_at < LIFE

    @property
    def in_public(self) -> bool:
        """Whether the bot may say it in the channel, in its own name."""
        return self.member and not self.private
