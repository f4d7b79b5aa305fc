"""Replicate's files API: multipart uploads, their metadata, their bytes."""

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.emulators.misbehave import misbehave
from tests.emulators.replicate_answers import problem
from tests.emulators.shelf import Shelf

if TYPE_CHECKING:
    from tests.emulators.replicate import ReplicateEmulator


class Files:
    """Uploaded files; a model reads them by their `urls.get`."""

    def __init__(self, emulator: "ReplicateEmulator") -> None:
        self._emulator = emulator
        self._shelf = Shelf()
        self.kept: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/files", self._create),
            web.get("/v1/files", self._list),
            web.get("/v1/files/{id}", self._get),
            web.delete("/v1/files/{id}", self._delete),
            web.get("/v1/files/{id}/download", self._download),
        ]

    def read(self, url: str) -> bytes | None:
        """Read a file as a model does."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self._emulator.url:
            return None
        item = self._shelf.find(parts.path.removeprefix("/v1/files/"))
        return item.read() if item else None

    async def _create(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        fault = self._emulator.next_fault("upload")
        if fault is not None:
            return await misbehave(request, fault)
        parts = await _parts(request)
        if "content" not in parts:
            self._emulator.refuse("file creation without a part named content")
            return problem(400, "Missing content")
        content, kind, given = parts["content"]
        identifier = secrets.token_urlsafe(24)
        self._shelf.put(lambda: content, kind, name=identifier)
        name = parts["filename"][0].decode() if "filename" in parts else given
        metadata = json.loads(parts["metadata"][0]) if "metadata" in parts else {}
        self.kept[identifier] = self._describe(identifier, content, kind, name, metadata)
        return web.json_response(self.kept[identifier], status=201)

    def _describe(
        self, identifier: str, content: bytes, kind: str, name: str, metadata: dict[str, Any]
    ) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        now = datetime.now(UTC)
        return {
            "id": identifier,
            "name": name,
            "content_type": kind,
            "size": len(content),
            "etag": digest[:32],
            "checksums": {"sha256": digest},
            "metadata": metadata,
            "created_at": now.isoformat(),
            "expires_at": (now + timedelta(hours=24)).isoformat(),
            "urls": {"get": f"{self._emulator.url}/v1/files/{identifier}"},
        }

    async def _list(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        results = list(reversed(self.kept.values()))
        return web.json_response({"next": None, "previous": None, "results": results})

    async def _get(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        kept = self.kept.get(request.match_info["id"])
        return problem(404) if kept is None else web.json_response(kept)

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        identifier = request.match_info["id"]
        if self.kept.pop(identifier, None) is None:
            return problem(404)
        self._shelf.remove(identifier)
        return web.Response(status=204)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        return await self._shelf.serve(request, request.match_info["id"], None)


async def _parts(request: web.Request) -> dict[str, tuple[bytes, str, str]]:
    """Read a multipart body that was already consumed: content, type and file name by part."""
    head = f"Content-Type: {request.headers.get('Content-Type', '')}\r\n\r\n".encode()
    whole = message_from_bytes(head + await request.read())
    parts = whole.get_payload() if whole.is_multipart() else []
    found: dict[str, tuple[bytes, str, str]] = {}
    for part in parts:
        if isinstance(part, Message):
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                found[name] = (content, part.get_content_type(), part.get_filename() or "file")
    return found
