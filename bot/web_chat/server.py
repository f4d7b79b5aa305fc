"""Listening: uvicorn inside our own event loop, and an end that open streams do not hold up."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from bot.web_chat.outbound import WebMessenger
from core.errors import ConfigError

GRACE = 5
"""Seconds that answers under way get when the studio stops."""


class _Server(uvicorn.Server):
    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the studio, which stops more than this server."""
        yield


@asynccontextmanager
async def serving(
    app: FastAPI, messenger: WebMessenger, host: str, port: int
) -> AsyncGenerator[str]:
    """Serve while the body runs; yields the address to open. Port 0 takes a free one."""
    listening = _listen(host, port)
    # No access log, even where somebody listens for one: its lines would hold the sign-in key.
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        log_config=None,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve([listening]))
        try:
            yield address(host, listening.getsockname()[1])
        finally:
            server.should_exit = True
            messenger.close()


def address(host: str, port: int) -> str:
    """Write the address that a browser on this machine opens."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  only shown
    return f"http://{shown}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        why = error.strerror or str(error)
        remedy = f"{host}:{port} cannot be used ({why}). Choose another port, or 0 for a free one."
        raise ConfigError("NANO_BANANA_WEB_PORT", remedy) from None
