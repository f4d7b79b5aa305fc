"""What Replicate calls back with: signed with a secret that only the account can ask for."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from core.ports import Callback
from core.providers.foreign import message, text
from core.providers.http import Wire
from core.providers.signatures import Keys, is_fresh

MARK = "whsec_"
VERSION = "v1,"


class ReplicateCallbacks:
    """Checks messages with the account's own secret."""

    def __init__(self, wire: Wire, url: str) -> None:
        self._wire = wire
        self._url = f"{url}/v1/webhooks/default/secret"
        self._keys = Keys(self._secret)

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        """Check who signed a message and when; None for one that proves nothing."""
        names = ("id", "timestamp", "signature")
        identifier, at, signatures = (headers.get(f"webhook-{name}", "") for name in names)
        if not is_fresh(at, now):
            return None
        signed = f"{identifier}.{at}.".encode() + body
        if not await self._keys.fit(lambda key: _fits(key, signatures, signed), now):
            return None
        remote = text(message(body).get("id"))
        return Callback(id=identifier, remote=remote) if identifier and remote else None

    async def _secret(self) -> list[bytes]:
        answer = await self._wire.get_json(self._url)
        written = text(answer.fields.get("key")).removeprefix(MARK)
        try:
            key = base64.b64decode(written, validate=True)
        except binascii.Error:
            key = b""
        return [key] if key else []


def _fits(key: bytes, signatures: str, signed: bytes) -> bool:
    right = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    offered = [one.removeprefix(VERSION) for one in signatures.split() if one.startswith(VERSION)]
    return any(hmac.compare_digest(one.encode(), right) for one in offered)
