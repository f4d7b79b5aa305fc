"""Reading a page's stream of events in a test."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from httpx_sse import ServerSentEvent, aconnect_sse


@asynccontextmanager
async def events(
    client: httpx.AsyncClient, after: int = 0, last_event_id: str = ""
) -> AsyncGenerator[AsyncIterator[ServerSentEvent]]:
    """Listen; the stream is open once the first event, the greeting, was read."""
    path = f"/api/events?after={after}"
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    async with aconnect_sse(client, "GET", path, headers=headers) as source:
        stream = source.aiter_sse()
        assert (await anext(stream)).event == "hello"
        yield stream


async def lines_until_pictures(stream: AsyncIterator[ServerSentEvent]) -> list[dict[str, Any]]:
    """Collect lines up to the first that shows pictures."""
    lines: list[dict[str, Any]] = []
    async for event in stream:
        if event.event == "line":
            lines.append(json.loads(event.data))
            if lines[-1]["shots"]:
                break
    return lines


async def first_of(stream: AsyncIterator[ServerSentEvent], name: str) -> Any:
    """Wait for the next event of one kind and read it."""
    async for event in stream:
        if event.event == name:
            return json.loads(event.data)
    raise AssertionError


async def next_line(stream: AsyncIterator[ServerSentEvent]) -> dict[str, Any]:
    """Wait for the next line."""
    return await first_of(stream, "line")
