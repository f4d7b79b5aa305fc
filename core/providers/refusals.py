"""What a provider's answer of 4xx or 5xx means."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from core.errors import (
    ProviderDenied,
    ProviderError,
    ProviderRefused,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    Value,
)
from core.providers.foreign import entries, fields, text

DENIED = frozenset({401, 402, 403})
GONE = frozenset({404, 410})
BUSY = frozenset({408, 425, 499})
"""Statuses of 4xx that speak of the moment, not of the request."""
LEAST_WAIT, USUAL_WAIT, MOST_WAIT = 1.0, 5.0, 300.0
"""Seconds; whoever asks for more is asked again after MOST_WAIT."""
SECONDS = re.compile(r"-?\d{1,30}")
RESETS = re.compile(r"resets in ~?(\d{1,9})\s*s")
QUERY = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]*")
MOST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers by lower-case name, and JSON (None when it was none)."""

    status: int
    headers: Mapping[str, str]
    data: Any

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of its JSON object; empty when it is something else."""
        return fields(self.data)


def refusal(
    provider: str, answer: Answer, missing: type[ProviderError] = ProviderRejected
) -> ProviderError:
    """Turn an answer into the error it stands for; `missing` is what a 404 means here."""
    status = answer.status
    values: dict[str, Value] = {"provider": provider, "detail": detail(answer)}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after(answer)
        return RateLimited("rate_limited", retry_after=wait, seconds=math.ceil(wait), **values)
    if status in DENIED:
        return ProviderDenied("provider_denied", **values)
    if status in GONE:
        key = "provider_rejected" if missing is ProviderRejected else "result_lost"
        return missing(key, **values)
    if status in BUSY or not httpx.codes.is_client_error(status):
        return ProviderUnavailable("provider_unavailable", **values)
    if "content_policy_violation" in {flaw.get("type") for flaw in _flaws(answer)}:
        return ProviderRefused("provider_refused", **values)
    return ProviderRejected("provider_rejected", **values)


def not_now(error: ProviderRejected) -> ProviderError:
    """Read a refusal of a free question: no word on the job, but a gateway's or asked too early."""
    return ProviderUnavailable("provider_unavailable", **error.values)


def detail(answer: Answer) -> str:
    """Find the words of an answer that say what is wrong, without queries of addresses."""
    listed = "; ".join(_flaw(flaw) for flaw in _flaws(answer))
    named = [text(answer.fields.get(name)) for name in ("detail", "error", "title")]
    return plain(next(filter(None, [listed, *named]), f"HTTP {answer.status}"))


def plain(words: str) -> str:
    """Shorten a provider's words and cut the queries off addresses: they may hold signatures."""
    return QUERY.sub(r"\1", text(words))[:MOST_DETAIL]


def _flaws(answer: Answer) -> list[Mapping[str, Any]]:
    """List the entries of fal's and FastAPI's `detail`."""
    return [fields(entry) for entry in entries(answer.fields.get("detail"))]


def _flaw(flaw: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in entries(flaw.get("loc")) if part != "body")
    said = text(flaw.get("msg")) or text(flaw.get("type"))
    return f"{where}: {said}" if where else said


def retry_after(answer: Answer) -> float:
    """Read how many seconds a provider asks to wait, within reason."""
    wait = _asked_wait(answer)
    return min(max(wait, LEAST_WAIT), MOST_WAIT)


def _asked_wait(answer: Answer) -> float:
    for name in ("retry-after", "ratelimit-reset"):
        said = answer.headers.get(name, "").strip()
        if SECONDS.fullmatch(said):
            return float(said)
        until = _moment(said)
        now = _moment(answer.headers.get("date", ""))
        if until is not None and now is not None:
            return (until - now).total_seconds()
    found = RESETS.search(detail(answer))
    return float(found[1]) if found else USUAL_WAIT


def _moment(said: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
