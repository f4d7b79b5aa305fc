"""What fal calls back with: signed with Ed25519 over four lines."""

import binascii
import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core.ports import Callback
from core.providers.foreign import entries, fields, message, text
from core.providers.http import Wire
from core.providers.signatures import Keys, is_fresh

KEY_BYTES = 32


class FalCallbacks:
    """Checks messages with the keys that fal publishes."""

    def __init__(self, wire: Wire, rest_url: str) -> None:
        self._wire = wire
        self._url = f"{rest_url}/.well-known/jwks.json"
        self._keys = Keys(self._published)

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        """Check who signed a message and when; None for one that proves nothing."""
        names = ("request-id", "user-id", "timestamp", "signature")
        request, user, at, signature = (headers.get(f"x-fal-webhook-{name}", "") for name in names)
        if not is_fresh(at, now):
            return None
        lines = "\n".join((request, user, at, hashlib.sha256(body).hexdigest()))
        if not await self._keys.fit(lambda key: _fits(key, signature, lines.encode()), now):
            return None
        remote = text(message(body).get("request_id"))
        return Callback(id=request, remote=remote) if request and remote else None

    async def _published(self) -> list[bytes]:
        answer = await self._wire.get_json(self._url)
        written = (text(fields(key).get("x")) for key in entries(answer.fields.get("keys")))
        return [key for key in map(_key, written) if len(key) == KEY_BYTES]


def _key(written: str) -> bytes:
    try:
        return urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except (binascii.Error, ValueError):
        return b""


def _fits(key: bytes, signature: str, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
