"""Replicate's file host, on a port of its own: whoever sends it a token gave the token away."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web
from typing_extensions import override

from tests.emulators.server import Emulator
from tests.emulators.shelf import Shelf

if TYPE_CHECKING:
    from tests.emulators.replicate import ReplicateEmulator


class Delivery(Emulator):
    """The host that outputs are fetched from."""

    def __init__(self, owner: "ReplicateEmulator") -> None:
        super().__init__()
        self._owner = owner
        self.shelf = Shelf()

    @override
    def routes(self) -> list[web.RouteDef]:
        return [web.get("/x/{name:.+}", self._serve)]

    def put(self, read: Callable[[], bytes], content_type: str, name: str) -> str:
        """Keep an output and return its address."""
        return f"{self.url}/x/{self.shelf.put(read, content_type, name=name)}"

    def remove(self, url: str) -> None:
        """Forget an output."""
        self.shelf.remove(url.removeprefix(f"{self.url}/x/"))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self._owner.refuse(f"the token was sent to the file host: {request.path}")
        fault = self._owner.next_fault("file")
        return await self.shelf.serve(request, request.match_info["name"], fault)
