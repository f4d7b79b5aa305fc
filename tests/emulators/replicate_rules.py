"""What a client of Replicate must keep to in its headers and its bodies."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.emulators.schema import Model

BODY = {"input", "version", "webhook", "webhook_events_filter", "webhook_completed", "stream"}
EVENTS = ("start", "output", "logs", "completed")
LONGEST_WAIT = 60
LARGEST_DATA_URL = 256 * 1024 * 4 // 3 + 100
SECONDS = {"s": 1, "m": 60, "h": 3600}


def token_problem(header: str | None, key: str) -> str | None:
    """Say what is wrong with an Authorization header: "wrong" for a well-formed foreign token."""
    if not header:
        return "no Authorization header"
    scheme, _, given = header.partition(" ")
    if scheme != "Bearer" or not given or given != given.strip():
        return f"Authorization must read 'Bearer <token>', not '{scheme} ...'"
    return None if given == key else "wrong"


def wait_seconds(header: str | None) -> int | None:
    """Read a Prefer header: None when it asks for no wait; raises ValueError when it is wrong."""
    if header is None:
        return None
    wanted = re.fullmatch(r"wait(?:=(\d+))?", header.strip())
    seconds = int(wanted[1] or LONGEST_WAIT) if wanted else 0
    if not 1 <= seconds <= LONGEST_WAIT:
        raise ValueError(f"Prefer: {header} is not wait or wait=1..{LONGEST_WAIT}")
    return seconds


def life_seconds(header: str | None) -> int | None:
    """Read a Cancel-After header such as 30s, 1m or 1h30m; raises ValueError when it is wrong."""
    if header is None:
        return None
    parts = re.findall(r"(\d+)([smh]?)", header)
    if not parts or "".join(number + unit for number, unit in parts) != header:
        raise ValueError(f"Cancel-After: {header} is no duration")
    return sum(int(number) * SECONDS[unit or "s"] for number, unit in parts)


def broken_by_body(body: Mapping[str, Any], model: Model) -> Iterator[str]:
    """Yield every rule that the body of a creation breaks apart from the model's own."""
    for name in body.keys() - BODY - {"destination"}:
        yield f"unknown field {name} beside the input"
    if not set(body.get("webhook_events_filter", ())) <= set(EVENTS):
        yield f"unknown webhook events {body['webhook_events_filter']}"
    if "webhook_completed" in body:
        yield "webhook_completed is long deprecated"
    for name, rule in model.fields.items():
        value = body["input"].get(name)
        inline = rule.kind == "url" and isinstance(value, str) and value.startswith("data:")
        if inline and len(value) > LARGEST_DATA_URL:
            yield f"a data URL of {len(value)} bytes in {name}; the limit is 256 KB"
