"""A public address of the client's own, where a service's call-backs arrive."""

import asyncio

from aiohttp import web
from typing_extensions import override

from tests.emulators.server import Emulator


class Ear(Emulator):
    """Listens at `{url}/hook` and knows when enough was heard."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self._calls_heard = asyncio.Semaphore(0)
        self._enough = enough

    @override
    def routes(self) -> list[web.RouteDef]:
        return [web.post("/hook", self._hear)]

    async def _hear(self, _: web.Request) -> web.Response:
        self._calls_heard.release()
        return web.Response(status=204)

    async def heard(self) -> None:
        """Wait until enough call-backs came; raises TimeoutError after thirty seconds."""
        async with asyncio.timeout(30):
            for _ in range(self._enough):
                await self._calls_heard.acquire()
