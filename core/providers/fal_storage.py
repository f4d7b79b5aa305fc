"""fal's file storage: where pictures go that an order starts from.

These are two calls of our own. fal_client.AsyncClient.upload knows its two hosts only as constants
of its module, so it can be pointed nowhere else, and builds a new client for every upload.
"""

from core.errors import ProviderUnavailable
from core.providers.http import Wire
from core.providers.incoming import image_type

LIFETIME = '{"expiration_duration_seconds": 86400}'
"""A day: longer than any order takes, and people's photos should not lie about."""


class FalStorage:
    """Uploads for one day, each with a token of its own."""

    def __init__(self, wire: Wire, rest_url: str, cdn_url: str) -> None:
        self._wire = wire
        self._token_url = f"{rest_url}/storage/auth/token?storage_type=fal-cdn-v3"
        self._upload_url = f"{cdn_url}/files/upload"

    async def put(self, data: bytes) -> str:
        """Upload a picture and return its address."""
        kind = image_type(data) or "application/octet-stream"
        granted = await self._wire.send_json("POST", self._token_url)
        headers = {
            "Authorization": f"Bearer {granted.fields.get('token', '')}",
            "Content-Type": kind,
            "X-Fal-File-Name": f"picture.{kind.partition('/')[2]}",
            "X-Fal-Object-Lifecycle": LIFETIME,
        }
        kept = await self._wire.send_json("POST", self._upload_url, content=data, headers=headers)
        address = kept.fields.get("access_url")
        if not isinstance(address, str):
            raise ProviderUnavailable("provider_unavailable", provider="fal", detail="upload")
        return address
