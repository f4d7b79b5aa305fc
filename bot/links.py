"""Links to pictures for chats that take none: each is signed, and good for a week."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.errors import NotFound

LIFE = timedelta(days=7)
PATH = "/shared/"
PURPOSE = b"links to pictures"
"""The secret signs sessions as well: what is signed here must never be taken for one."""


class Expired(NotFound):
    """A link whose week is over."""

    def __init__(self, job: str) -> None:
        super().__init__("image")
        self.job = job


@dataclass(frozen=True, slots=True)
class Links:
    """Writes links to single pictures, and reads them back."""

    public_url: str
    """Where people reach the web chat, without a slash at the end; empty when nowhere."""
    secret: bytes
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def to(self, job: str, position: int) -> str:
        """Write a link to one picture; empty where nobody could follow it."""
        if not self.public_url:
            return ""
        until = int((self.now() + LIFE).timestamp())
        return f"{self.public_url}{PATH}{self._signed(f'{job}.{position}.{until}')}"

    def read(self, token: str) -> tuple[str, int]:
        """Tell which picture a link is for: job and position.

        Raises:
            Expired: The link was good once.
            NotFound: It is none of ours.
        """
        said, _, _ = token.rpartition(".")
        if not hmac.compare_digest(self._signed(said).encode(), token.encode()):
            raise NotFound("image")
        job, position, until = said.split(".")
        if self.now().timestamp() > int(until):
            raise Expired(job)
        return job, int(position)

    def _signed(self, said: str) -> str:
        key = hmac.digest(self.secret, PURPOSE, "sha256")
        signature = urlsafe_b64encode(hmac.digest(key, said.encode(), "sha256"))
        return f"{said}.{signature.decode().rstrip('=')}"


NOWHERE = Links("", b"")
"""For whoever only looks at the platforms."""
