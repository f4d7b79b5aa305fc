"""What every request must pass, and what every answer carries."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.links import PATH
from bot.strings import text
from bot.web_chat.auth import IDLE, Auth
from bot.web_chat.inbound import locale_of

OPEN = ("/", "/sign-in", "/healthz", "/readyz", "/metrics")
"""Paths that need no session; `/` asks to sign in by itself."""
BY_LINK = (PATH, "/static/")
"""Links prove by themselves what they are for; the page's own files are no secret."""
CALLED = "/callbacks/"
"""Here providers call: what they bring proves by itself who sent it."""
SAFE = frozenset({"GET", "HEAD"})
MOST_BYTES = 64 * 1024

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Middleware: refuses what is not the owner's own page, and sets the security headers."""

    def __init__(self, app: ASGIApp, auth: Auth) -> None:
        self._app = app
        self._auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the reason why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        cookie = request.cookies.get(self._auth.cookie, "")
        signed_in = self._auth.signed_in(cookie)
        scope["state"] = {**scope.get("state", {}), "signed_in": signed_in}
        fresh = self._auth.renewed(cookie) if signed_in else None

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
                if fresh is not None:
                    headers.append("Set-Cookie", set_cookie(self._auth.cookie, fresh, request))
            await send(message)

        refusal = refuse(request, signed_in=signed_in)
        await (refusal or self._app)(scope, receive, sending)


def refuse(request: Request, *, signed_in: bool) -> Response | None:
    """Say why a request may not pass; None when it may."""
    path = request.url.path
    if path.startswith(CALLED):
        return None
    if not signed_in and path not in OPEN and not path.startswith(BY_LINK):
        return _no(request, 401, "signed_out")
    if request.method in SAFE:
        return None
    if not from_own_page(request):
        return _no(request, 403, "other_site")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _no(request, 415, "json_only")
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return _no(request, 413, "too_long")
    return None


def from_own_page(request: Request) -> bool:
    """Tell whether the browser itself says that our page sent this; silence is a no."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is None and origin is None:
        return False
    same_host = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    return same_host and site in {None, "same-origin"}


def _no(request: Request, status: int, key: str) -> Response:
    locale = locale_of(request.headers.get("accept-language", ""))
    return JSONResponse({"error": text(f"web.{key}", locale)}, status)


def set_cookie(name: str, value: str, request: Request) -> str:
    """Write a session's cookie; over TLS, also a proxy's, it never travels without."""
    secure = "https" in {request.url.scheme, request.headers.get("x-forwarded-proto")}
    age = int(IDLE.total_seconds())
    words = f"{name}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Strict"
    return f"{words}; Secure" if secure else words
