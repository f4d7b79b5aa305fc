"""fal.ai's call-backs: Ed25519-signed, with two published keys so that one may be rotated."""

import base64
import hashlib
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

USER = "user-1"
TOO_OLD = 400


class Signer:
    """The keys of the service; the second signs, the first is about to retire."""

    def __init__(self) -> None:
        self._keys = [Ed25519PrivateKey.generate() for _ in range(2)]
        self._stranger = Ed25519PrivateKey.generate()

    def jwks(self) -> dict[str, Any]:
        """Publish the public halves."""
        return {
            "keys": [
                {"kty": "OKP", "crv": "Ed25519", "kid": f"key-{number}", "x": _x(key)}
                for number, key in enumerate(self._keys)
            ]
        }

    def rotate(self) -> None:
        """Retire the first key and sign with a new one from now on."""
        self._keys = [self._keys[1], Ed25519PrivateKey.generate()]

    def headers(self, identifier: str, raw: bytes, flaw: str = "") -> dict[str, str]:
        """Sign a body as the service does, or wrongly in the way of a flaw."""
        at = str(int(time.time()) - (TOO_OLD if flaw == "old_timestamp" else 0))
        text = "\n".join((identifier, USER, at, hashlib.sha256(raw).hexdigest()))
        key = self._stranger if flaw == "unknown_key" else self._keys[1]
        signature = key.sign(text.encode())
        if flaw == "bad_signature":
            signature = bytes(64)
        return {
            "X-Fal-Webhook-Request-Id": identifier,
            "X-Fal-Webhook-User-Id": USER,
            "X-Fal-Webhook-Timestamp": at,
            "X-Fal-Webhook-Signature": signature.hex(),
        }


def _x(key: Ed25519PrivateKey) -> str:
    return base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
