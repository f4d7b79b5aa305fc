"""A bucket on loopback that speaks as much of S3 as the store of pictures asks for."""

from aiohttp import web
from typing_extensions import override

from tests.emulators.misbehave import misbehave
from tests.emulators.server import Emulator

PLACES = {"PUT": "keep", "GET": "load", "HEAD": "look"}
WRITTEN = "Sat, 01 Aug 2026 00:00:00 GMT"


class Bucket(Emulator):
    """Keeps objects by path; signatures are not looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._objects: dict[str, bytes] = {}

    @override
    def routes(self) -> list[web.RouteDef]:
        return [
            web.put("/pictures/{key:.+}", self._serve),
            web.get("/pictures/{key:.+}", self._serve),
        ]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        fault = self.next_fault(PLACES[request.method])
        if fault is not None:
            return await misbehave(request, fault)
        key = request.match_info["key"]
        if request.method == "PUT":
            self._objects[key] = await request.read()
        if key not in self._objects:
            return web.Response(status=404)
        headers = {"ETag": '"one"', "Last-Modified": WRITTEN}
        body = b"" if request.method == "PUT" else self._objects[key]
        return web.Response(body=body, headers=headers, content_type="image/jpeg")
