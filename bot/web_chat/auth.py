"""Who may use the page: a sign-in link per start, and sessions that outlive it."""

import hashlib
import hmac
import os
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from core.errors import LimitReached

IDLE = timedelta(days=30)
"""A session ends this long after it was last used."""
RENEW = timedelta(days=1)
"""How old a session's stamp may grow before a visit renews it."""
MINUTE = timedelta(minutes=1)
MOST_FAILURES = 10
"""Wrong keys a minute; the count is for everyone, for behind a proxy all addresses are one."""
SECRET_BYTES = 32


class Auth:
    """The sign-in key of this start, and the signature on every session's cookie.

    A cookie is `id.seconds.signature`: nothing is stored but the secret, so sessions survive a
    restart, and deleting the secret's file ends them all.
    """

    def __init__(self, secret: bytes, now: Callable[[], datetime]) -> None:
        self._secret = secret
        self._now = now
        self._key = secrets.token_urlsafe(32)
        self._failures: deque[datetime] = deque(maxlen=MOST_FAILURES)
        # Browsers share cookies between ports: two studios on one host need two names.
        self.cookie = f"studio_{hashlib.sha256(secret).hexdigest()[:8]}"

    @classmethod
    def open(cls, file: Path, now: Callable[[], datetime]) -> Self:
        """Read the secret that signs sessions, or make it."""
        return cls(read_secret(file), now)

    def sign_in_link(self, base_url: str) -> str:
        """Write the link that the operator opens."""
        return f"{base_url}/sign-in?key={self._key}"

    def sign_in(self, key: str) -> str | None:
        """Start a session with the right key; too many wrong ones close the door for a minute."""
        now = self._now()
        full = len(self._failures) == MOST_FAILURES
        if full and now - self._failures[0] < MINUTE:
            raise LimitReached("sign_in_limit", seconds=int(MINUTE.total_seconds()))
        if hmac.compare_digest(key.encode(), self._key.encode()):
            return self._stamped(secrets.token_urlsafe(16))
        self._failures.append(now)
        return None

    def signed_in(self, cookie: str) -> bool:
        """Tell whether a cookie is ours and still in use."""
        session, _, stamp = _parts(cookie)
        good = hmac.compare_digest(cookie.encode(), self._signed(session, stamp).encode())
        return good and self._age(stamp) < IDLE

    def renewed(self, cookie: str) -> str | None:
        """Stamp a good session anew, once a day."""
        session, _, stamp = _parts(cookie)
        return self._stamped(session) if self._age(stamp) > RENEW else None

    def _age(self, stamp: str) -> timedelta:
        return self._now() - datetime.fromtimestamp(int(stamp), UTC)

    def _stamped(self, session: str) -> str:
        return self._signed(session, str(int(self._now().timestamp())))

    def _signed(self, session: str, stamp: str) -> str:
        words = f"{session}.{stamp}"
        signature = hmac.digest(self._secret, words.encode(), "sha256").hex()
        return f"{words}.{signature}"


def _parts(cookie: str) -> tuple[str, str, str]:
    words, dot, _ = cookie.rpartition(".")
    session, _, stamp = words.partition(".")
    return session, dot, stamp


def read_secret(file: Path) -> bytes:
    """Read a secret, or draw one that only this account can read."""
    with suppress(FileNotFoundError):
        secret = file.read_bytes()
        if len(secret) == SECRET_BYTES:
            return secret
    secret = secrets.token_bytes(SECRET_BYTES)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as opened:  # noqa: PTH123  only os.open sets the mode from the start
        opened.write(secret)
    return secret
