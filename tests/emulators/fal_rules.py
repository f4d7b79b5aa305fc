"""What a client of fal.ai must keep to in its headers and its query."""

import json
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from aiohttp import web


def key_problem(header: str | None, key: str) -> str | None:
    """Say what is wrong with an Authorization header: "wrong" for a well-formed foreign key."""
    if not header:
        return "no Authorization header"
    scheme, _, given = header.partition(" ")
    if scheme != "Key" or not given or given != given.strip():
        return f"Authorization must read 'Key <key>', not '{scheme} ...'"
    return None if given == key else "wrong"


def broken_by_submit(request: web.Request) -> Iterator[str]:
    """Yield every rule that the headers and the query of a submit break."""
    if request.content_type != "application/json":
        yield f"submit with Content-Type {request.content_type}"
    for name in request.query.keys() - {"fal_webhook", "fal_max_queue_length"}:
        yield f"submit with an unknown query parameter {name}"
    webhook = request.query.get("fal_webhook")
    if webhook is not None and not _absolute(webhook):
        yield f"fal_webhook is no absolute address: {webhook}"
    if not request.query.get("fal_max_queue_length", "1").isdecimal():
        yield "fal_max_queue_length is no number"
    for name, right in HEADERS.items():
        value = request.headers.get(name)
        if value is not None and not right(value):
            yield f"{name}: {value} is not understood"


def _absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _more_than_a_second(value: str) -> bool:
    try:
        return float(value) > 1
    except ValueError:
        return False


def _lifetime(value: str) -> bool:
    try:
        wish = json.loads(value)
    except ValueError:
        return False
    seconds = wish.get("expiration_duration_seconds") if isinstance(wish, dict) else None
    return seconds is None or (isinstance(seconds, int) and seconds > 0)


HEADERS: Mapping[str, Callable[[str], bool]] = {
    "X-Fal-Request-Timeout": _more_than_a_second,
    "X-Fal-Queue-Priority": {"normal", "low"}.__contains__,
    "X-Fal-Store-IO": {"0", "1"}.__contains__,
    "X-Fal-No-Retry": {"0", "1"}.__contains__,
    "X-App-Fal-Disable-Fallback": {"true", "false"}.__contains__,
    "X-Fal-Object-Lifecycle-Preference": _lifetime,
}
