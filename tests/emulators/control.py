"""The second port of an emulator in its own process: call its methods, read what it recorded."""

import inspect
import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from typing_extensions import override

from tests.emulators.server import Call, Emulator

TEXT_LIMIT = 64 * 1024


class CallFile(list[Call]):
    """The recorded calls, each also appended to a file as one JSON line."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("a", encoding="utf-8")

    @override
    def append(self, call: Call, /) -> None:
        super().append(call)
        self._file.write(json.dumps(_line(call)) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file; the calls stay."""
        self._file.close()


class Control(Emulator):
    """`POST {"method", "args", "kwargs"}` calls, `GET /name` reads and `PUT /name` sets."""

    def __init__(self, controlled: Emulator) -> None:
        super().__init__()
        self._controlled = controlled

    @override
    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/", self._call),
            web.get("/{name}", self._read),
            web.put("/{name}", self._set),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        wish = await request.json()
        method = self._public(wish["method"])
        try:
            answer = method(*wish.get("args", ()), **wish.get("kwargs", {}))
            answer = await answer if inspect.isawaitable(answer) else answer
        except (LookupError, TypeError, ValueError) as wrong:
            return web.json_response({"error": str(wrong)}, status=400)
        return _json(answer)

    async def _read(self, request: web.Request) -> web.Response:
        return _json(self._public(request.match_info["name"]))

    async def _set(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self._public(name)
        setattr(self._controlled, name, await request.json())
        return web.Response(status=204)

    def _public(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(self._controlled, name):
            raise web.HTTPNotFound(text=f"no public name {name}")
        return getattr(self._controlled, name)


def _json(value: Any) -> web.Response:
    return web.json_response({"value": value}, dumps=lambda body: json.dumps(body, default=_plain))


def _plain(value: Any) -> Any:
    """Write a value that JSON does not know; fields kept out of its repr stay out."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value) if field.repr}
    return str(value)


def _line(call: Call) -> dict[str, Any]:
    return {
        "at": call.at,
        "sender": call.sender,
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "headers": dict(call.headers),
        "size": len(call.body),
        "digest": call.digest,
        "body": _told(call.body),
    }


def _told(body: bytes) -> str | None:
    """Tell a short body whole, and of a long form what stands beside its files."""
    if len(body) <= TEXT_LIMIT:
        return body.decode(errors="replace")
    boundary = body.partition(b"\r\n")[0]
    if not boundary.startswith(b"--"):
        return None
    parts = (part.partition(b"\r\n\r\n") for part in body.split(boundary))
    told = [name + gap + words for name, gap, words in parts if b"filename=" not in name]
    return b"\n".join(told).decode(errors="replace")
