"""The page's own files: read once from the package, sent with the hash of their content."""

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.strings import FALLBACK, language, phrases


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page."""

    data: bytes
    mime: str
    etag: str


def read_assets() -> Mapping[str, Asset]:
    """Read everything that the page loads, by name."""
    folder = files("bot").joinpath("web_chat", "page")
    return {one.name: _asset(one.name, one.read_bytes()) for one in folder.iterdir()}


def _asset(name: str, data: bytes) -> Asset:
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(data, mime, f'"{hashlib.sha256(data).hexdigest()[:16]}"')


def sent(asset: Asset, request: Request) -> Response:
    """Send a file, or say that the browser has it already."""
    headers = {"Cache-Control": "no-cache", "ETag": asset.etag}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.data, media_type=asset.mime, headers=headers)


def page(asset: Asset, locale: str, *, status: int = 200, notice: str = "") -> Response:
    """Fill a page with its words; those that its scripts say travel as one JSON block."""
    words = web_phrases(locale)
    # A closing tag inside the block would end it: JSON may write < as an escape.
    block = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    values = {name: escape(phrase) for name, phrase in words.items()}
    html = Template(asset.data.decode()).substitute(
        values, language=language(locale), words=block, notice=escape(notice)
    )
    headers = {"Content-Language": language(locale), "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(html, status, headers)


def web_phrases(locale: str) -> dict[str, str]:
    """List the page's own words, in English where a language lacks one."""
    both = {**phrases(FALLBACK), **phrases(language(locale))}
    return {key.removeprefix("web."): both[key] for key in both if key.startswith("web.")}
