"""fal.ai's file storage: tokens, uploads whole and in parts, the fallback, and downloads."""

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from tests.emulators.making import data_of
from tests.emulators.misbehave import ANY, misbehave

if TYPE_CHECKING:
    from tests.emulators.fal import FalEmulator


class Storage:
    """The REST and CDN hosts."""

    def __init__(self, emulator: "FalEmulator") -> None:
        self._emulator = emulator
        self._tokens: set[str] = set()
        self._parts: dict[str, dict[int, bytes]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/storage/auth/token", self._token),
            web.post("/storage/upload/initiate", self._initiate),
            web.put("/put/{name}", self._put),
            web.post("/files/upload", self._upload),
            web.post("/files/upload/multipart", self._begin),
            web.put("/files/b/{name}/multipart/{upload}/{number}", self._part),
            web.post("/files/b/{name}/multipart/{upload}/complete", self._complete),
            web.get("/files/b/{name}", self._download),
        ]

    def load(self, url: str) -> bytes | None:
        """Read a file as a model does: a data URI or a file of this storage."""
        if url.startswith("data:"):
            return data_of(url)
        item = self._emulator.shelf.find(urlsplit(url).path.removeprefix("/files/b/"))
        return item.read() if item and url.startswith(self._emulator.url) else None

    async def _token(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        if request.query.get("storage_type") != "fal-cdn-v3":
            self._emulator.refuse("storage token without storage_type=fal-cdn-v3")
        fault = self._emulator.next_fault("token")
        if fault is not None and fault.name in ANY:
            return await misbehave(request, fault)
        life = timedelta(hours=-1 if fault else 24)
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return web.json_response(
            {
                "token": token,
                "token_type": "Bearer",
                "base_url": self._emulator.url,
                "expires_at": (datetime.now(UTC) + life).isoformat(),
            }
        )

    async def _refused(self, request: web.Request) -> web.StreamResponse | None:
        """Answer an upload that carries no token of ours, or that is to fail; None to go on."""
        header = request.headers.get("Authorization", "")
        if header.removeprefix("Bearer ") not in self._tokens:
            self._emulator.refuse(f"{request.method} {request.path} without a storage token")
            return web.json_response({"detail": "Unauthorized"}, status=401)
        fault = self._emulator.take("upload", ANY)
        return None if fault is None else await misbehave(request, fault)

    def _keep(self, request: web.Request, name: str, content: bytes) -> str:
        kind = request.headers.get("Content-Type", "application/octet-stream")
        self._emulator.shelf.put(lambda: content, kind, name=name)
        return f"{self._emulator.url}/files/b/{name}"

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        if "X-Fal-File-Name" not in request.headers:
            self._emulator.refuse("upload without X-Fal-File-Name")
        url = self._keep(request, _name(request), await request.read())
        return web.json_response({"access_url": url})

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        upload = secrets.token_hex(8)
        self._parts[upload] = {}
        url = f"{self._emulator.url}/files/b/{_name(request)}"
        return web.json_response({"access_url": url, "uploadId": upload})

    async def _part(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        parts = self._parts.get(request.match_info["upload"])
        if parts is None:
            return web.json_response({"detail": "Unknown upload"}, status=404)
        content = await request.read()
        parts[int(request.match_info["number"])] = content
        if self._emulator.take("upload", {"no_etag"}):
            return web.Response()
        return web.Response(headers={"ETag": _etag(content)})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        parts = self._parts.pop(request.match_info["upload"], {})
        named = {part["partNumber"]: part["etag"] for part in (await request.json())["parts"]}
        if named != {number: _etag(content) for number, content in parts.items()}:
            self._emulator.refuse("upload completed with parts that were not sent")
            return web.json_response({"detail": "Parts do not match"}, status=400)
        whole = b"".join(parts[number] for number in sorted(parts))
        url = self._keep(request, request.match_info["name"], whole)
        return web.json_response({"access_url": url})

    async def _initiate(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        wish = json.loads(await request.read())
        name = f"{secrets.token_hex(8)}-{wish['file_name']}"
        base = self._emulator.url
        return web.json_response(
            {"upload_url": f"{base}/put/{name}", "file_url": f"{base}/files/b/{name}"}
        )

    async def _put(self, request: web.Request) -> web.Response:
        self._keep(request, request.match_info["name"], await request.read())
        return web.Response()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self._emulator.refuse(f"the key was sent to the file host: {request.path}")
        name = request.match_info["name"]
        fault = self._emulator.next_fault("file")
        return await self._emulator.shelf.serve(request, name, fault)


def _name(request: web.Request) -> str:
    given = request.headers.get("X-Fal-File-Name", "upload.bin")
    return f"{secrets.token_hex(8)}_{given.replace('/', '_')}"


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
