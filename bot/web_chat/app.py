"""The FastAPI application: routes, error handler, and what guards them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bot.intake import Intake
from bot.links import PATH, Expired, Links
from bot.strings import text
from bot.web_chat import inbound
from bot.web_chat.assets import Asset, page, read_assets, sent
from bot.web_chat.auth import Auth
from bot.web_chat.callbacks import CalledBack
from bot.web_chat.guard import HEADERS, Guard, set_cookie
from bot.web_chat.inbound import HOME, Press, Say, locale_of
from bot.web_chat.lines import asked, kept
from bot.web_chat.offer import offer
from bot.web_chat.outbound import WebMessenger
from bot.web_chat.pictures import UNLISTED, Shelf
from core import grammar
from core.context import Ask
from core.errors import LimitReached, NotFound, StorageError, StudioError
from core.replies import Text
from core.studio import Studio

log = structlog.get_logger(__name__)

LOCAL = ("127.0.0.1", "localhost", "[::1]")
PAGE = 40
"""Rows of history that one request reads."""
MISSED = 200
"""Rows that a page catches up on after a pause; a page that missed more starts over."""

Readiness = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class WebChat:
    """The routes and what they need."""

    studio: Studio
    intake: Intake
    messenger: WebMessenger
    auth: Auth
    readiness: Readiness
    links: Links
    assets: Mapping[str, Asset] = field(default_factory=read_assets)

    async def page(self, request: Request) -> Response:
        """Show the chat, or how to sign in."""
        if not request.state.signed_in:
            return page(self.assets["sign-in.html"], _locale(request), status=401)
        previews = all(model.free for model in self.studio.catalogue.models)
        notice = text("web.previews", _locale(request)) if previews else ""
        return page(self.assets["index.html"], _locale(request), notice=notice)

    async def static(self, name: str, request: Request) -> Response:
        """Send one of the page's own files."""
        asset = self.assets.get(name)
        if asset is None or name.endswith(".html"):
            raise NotFound("page")
        return sent(asset, request)

    async def sign_in(self, request: Request, key: str = "") -> Response:
        """Turn the printed link into a session."""
        locale = _locale(request)
        try:
            cookie = self.auth.sign_in(key)
        except LimitReached as error:
            said = text(error.key, locale, error.values)
            return page(self.assets["sign-in.html"], locale, status=429, notice=said)
        if cookie is None:
            said = text("web.sign_in_wrong", locale)
            return page(self.assets["sign-in.html"], locale, status=401, notice=said)
        answer = RedirectResponse("/", 303)
        answer.headers.append("Set-Cookie", set_cookie(self.auth.cookie, cookie, request))
        return answer

    def no_picture(self, request: Request, why: NotFound) -> Response:
        """Say to whoever followed a link that it shows nothing, and what to do."""
        locale, status, said = _locale(request), 404, Text("web.shared_unknown")
        if isinstance(why, Expired):
            status, said = 410, Text("web.shared_expired", {"job": why.job})
        notice = text(said.key, locale, said.values)
        answer = page(self.assets["shared.html"], locale, status=status, notice=notice)
        answer.headers.update(UNLISTED)
        return answer

    async def messages(self, request: Request, before: int | None = None) -> dict[str, Any]:
        """Send a page of the history, oldest line first."""
        async with self.studio.database.reading() as tx:
            rows = await tx.history.page(HOME, PAGE, before)
        lines = [kept(row, _locale(request), self.studio.commands) for row in rows]
        return {
            "lines": [asdict(line) for line in lines if line is not None],
            "first": rows[0].id if len(rows) == PAGE else None,
            "last": rows[-1].id if rows else 0,
        }

    async def say(self, request: Request, say: Say) -> JSONResponse:
        """Take typed words."""
        ask = inbound.said(say, _locale(request))
        return await self._take(ask, say.words)

    async def press(self, request: Request, press: Press) -> JSONResponse:
        """Take a pressed button."""
        ask = inbound.pressed(press, _locale(request), self.studio.commands)
        command = grammar.press(press.token, self.studio.commands)
        return await self._take(ask, grammar.write(command))

    async def _take(self, ask: Ask, words: str) -> JSONResponse:
        """Commit an ask, show it on every open page, then answer it."""
        new = await self.intake.put([ask])
        context = ask.context
        for _ in new:
            self.messenger.show(
                asked(
                    context.request,
                    words,
                    self.studio.now(),
                    context.locale,
                    self.studio.commands,
                )
            )
        self.intake.start(new)
        return JSONResponse({"key": context.request}, 202)

    async def events(
        self,
        request: Request,
        after: int = 0,
        last_event_id: Annotated[int | None, Header()] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """Tell what was missed, then everything as it happens."""
        since = after if last_event_id is None else last_event_id
        with self.messenger.feed() as feed:
            yield ServerSentEvent(event="hello", data={}, retry=1000)
            async for event in self._missed(since, _locale(request)):
                yield event
            while event := await feed.get():
                yield ServerSentEvent(event=event.name, data=event.data)

    async def _missed(self, since: int, locale: str) -> AsyncIterator[ServerSentEvent]:
        async with self.studio.database.reading() as tx:
            rows = await tx.history.page(HOME, MISSED)
        if len(rows) == MISSED and rows[0].id > since:
            yield ServerSentEvent(event="over", data={})
            return
        for row in rows:
            line = kept(row, locale, self.studio.commands) if row.id > since else None
            if line is not None:
                yield ServerSentEvent(event="line", data=asdict(line), id=str(row.id))

    async def commands(self, request: Request) -> dict[str, Any]:
        """Send what can be typed."""
        return offer(self.studio, _locale(request))

    async def healthz(self) -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "live"}

    async def metrics(self) -> Response:
        """Show the counters as Prometheus reads them: numbers only, nobody's words."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def readyz(self) -> Mapping[str, Any]:
        """Say how each surface and provider is."""
        return await self.readiness()


def create_app(web: WebChat, hosts: Sequence[str] = ()) -> FastAPI:
    """Build the application; it answers to local names and to `hosts`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_routes(app, web)
    app.add_exception_handler(StudioError, _told)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(Guard, auth=web.auth)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL, *hosts], www_redirect=False)
    return app


def _add_routes(app: FastAPI, web: WebChat) -> None:
    shelf = Shelf(web.studio)
    called = CalledBack(web.studio, web.intake.wake)

    async def picture(
        sha256: str, w: Annotated[int, Query(ge=0)] = 0, *, save: bool = False
    ) -> Response:
        return await shelf.picture(sha256, w, save=save)

    app.get("/")(web.page)
    app.get("/static/{name}")(web.static)
    app.get("/sign-in")(web.sign_in)
    app.get("/api/messages")(web.messages)
    app.post("/api/say")(web.say)
    app.post("/api/press")(web.press)
    app.get("/api/events", response_class=EventSourceResponse)(web.events)
    app.get("/api/commands")(web.commands)

    async def shared(token: str, request: Request) -> Response:
        try:
            return await shelf.shared(*web.links.read(token))
        except NotFound as error:
            return web.no_picture(request, error)

    app.get("/images/{sha256}")(picture)
    app.get(f"{PATH}{{token}}")(shared)
    app.post("/callbacks/{provider}/{job}")(called)
    app.get("/healthz")(web.healthz)
    app.get("/readyz")(web.readyz)
    app.get("/metrics")(web.metrics)


def _locale(request: Request) -> str:
    return locale_of(request.headers.get("accept-language", ""))


STATUS: Mapping[type[StudioError], int] = {NotFound: 404, StorageError: 503}


async def _told(request: Request, error: Exception) -> Response:
    """Answer what the studio raises on purpose, in the person's language."""
    if not isinstance(error, StudioError):
        return await _unexpected(request, error)
    said = text(error.key, _locale(request), error.values)
    return JSONResponse({"error": said}, STATUS.get(type(error), 400))


async def _unreadable(request: Request, _: Exception) -> Response:
    """Refuse what does not fit, and do not repeat it: half a character cannot be written."""
    return JSONResponse({"error": text("error.unreadable", _locale(request))}, 422)


async def _unexpected(request: Request, error: Exception) -> Response:
    """Log what nobody foresaw, under an id that the person can name."""
    error_id = uuid4().hex[:8]
    log.error("request_failed", path=request.url.path, error_id=error_id, exc_info=error)
    said = text("error.unexpected", _locale(request), {"error_id": error_id})
    return JSONResponse({"error": said}, 500, HEADERS)
