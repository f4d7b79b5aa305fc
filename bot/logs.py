"""Structured logs in which no token can appear."""

import logging
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import structlog
from typing_extensions import override

HIDDEN = "[hidden]"


class Redaction(logging.Formatter):
    """Formats whatever formatter it wraps and blanks every secret in what comes out."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        written = {form for secret in secrets for form in (secret, quote(secret, safe=""))}
        self._secrets = sorted(written, key=len, reverse=True)

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line


def set_up(secrets: Iterable[str], *, quiet: bool = False) -> None:
    """Send every library's log to stderr as one line each, without the given secrets."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer()
    inner = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        foreign_pre_chain=shared,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redaction(inner, secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.ERROR if quiet else logging.INFO)
    # These write every address they call, tokens in it, or every step of their own start.
    for chatty in ("httpx", "httpcore", "telegram", "discord", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Its warnings miss voice, and intents that a free look at a token does without.
    for needy in ("discord.client", "discord.state"):
        logging.getLogger(needy).setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
