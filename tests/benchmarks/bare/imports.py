"""Loads the libraries that a starting studio loads, and ends."""

import importlib
import json
import sys

WEB = (
    *("fastapi", "uvicorn", "sqlalchemy.ext.asyncio", "greenlet", "obstore", "PIL.Image"),
    *("pydantic_settings", "structlog", "rich.console", "click", "aiosqlite", "httpx", "alembic"),
)
SURFACES = ("telegram", "discord", "httpx_sse", "tenacity", "replicate")


def main(*, surfaces: bool) -> None:
    """Load them."""
    for name in (*WEB, *(SURFACES if surfaces else ())):
        importlib.import_module(name)


if __name__ == "__main__":
    main(surfaces=json.loads(sys.argv[1]))
