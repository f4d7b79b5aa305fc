"""The ways in which any HTTP answer can go wrong, by name."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from tests.emulators.server import Fault, drop

NGINX = (
    "<html><head><title>{0}</title></head>"
    "<body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"
)


async def misbehave(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Answer a request as a fault of the common kind says."""
    return await WAYS[fault.name](request, fault)


async def _status(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Values: code, body (JSON), headers, retry_after."""
    headers = dict(fault.values.get("headers", {}))
    if "retry_after" in fault.values:
        headers["Retry-After"] = str(fault.values["retry_after"])
    body = fault.values.get("body", {"detail": "Something went wrong"})
    return web.json_response(body, status=fault.values.get("code", 500), headers=headers)


async def _nginx(request: web.Request, fault: Fault) -> web.StreamResponse:
    code = fault.values.get("code", 502)
    page = NGINX.format(f"{code} Bad Gateway")
    return web.Response(text=page, status=code, content_type="text/html")


async def _drop(request: web.Request, fault: Fault) -> web.StreamResponse:
    return await drop(request)


async def _hang(request: web.Request, fault: Fault) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("A hanging request never ends by itself")


async def _html(request: web.Request, fault: Fault) -> web.StreamResponse:
    return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")


async def _empty(request: web.Request, fault: Fault) -> web.StreamResponse:
    return web.json_response({})


async def _redirect(request: web.Request, fault: Fault) -> web.StreamResponse:
    location = fault.values.get("location", "http://127.0.0.1:9/elsewhere")
    return web.Response(status=fault.values.get("code", 307), headers={"Location": location})


async def _text(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Values: text, code. A JSON content type with whatever stands in `text`."""
    return web.Response(
        text=fault.values.get("text", "{"),
        status=fault.values.get("code", 200),
        content_type="application/json",
    )


WAYS: Mapping[str, Callable[[web.Request, Fault], Awaitable[web.StreamResponse]]] = {
    "status": _status,
    "nginx": _nginx,
    "drop": _drop,
    "hang": _hang,
    "html_200": _html,
    "empty_200": _empty,
    "redirect": _redirect,
    "text": _text,
}
ANY = frozenset(WAYS)
BEFORE_ACCEPTING = ANY - {"drop"} | {"drop_before"}


def hang_up(request: web.Request) -> None:
    """Close the connection after what was already written, in the middle of an answer."""
    if request.transport is not None:
        request.transport.close()
