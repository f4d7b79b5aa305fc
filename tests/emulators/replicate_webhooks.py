"""Replicate's call-backs: signed with a shared secret."""

import base64
import hashlib
import hmac
import secrets
import time

TOO_OLD = 400


class Signer:
    """The default webhook secret of the account."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(24)

    @property
    def secret(self) -> str:
        """The secret as the API shows it."""
        return f"whsec_{base64.b64encode(self._key).decode()}"

    def headers(self, raw: bytes, flaw: str = "") -> dict[str, str]:
        """Sign a body as the service does, or wrongly in the way of a flaw."""
        identifier = f"msg_{secrets.token_hex(12)}"
        at = str(int(time.time()) - (TOO_OLD if flaw == "old_timestamp" else 0))
        key = secrets.token_bytes(24) if flaw == "unknown_key" else self._key
        text = f"{identifier}.{at}.".encode() + raw
        signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        if flaw == "bad_signature":
            signature = base64.b64encode(bytes(32)).decode()
        return {
            "webhook-id": identifier,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{signature}",
        }
