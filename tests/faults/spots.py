"""Where in the traffic each phase of the table is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Spot:
    """Where in the traffic a phase is, for the proxy and for the emulator."""

    wanted: str
    """A pattern for the first line of its requests."""
    place: str = ""
    """What the emulator calls it."""
    skip: int = 0
    """How many like requests come before."""
    files: bool = False
    """Whether it is at the host of the files."""

    def fits(self, line: str) -> bool:
        """Whether the first line of a request is one of these."""
        return re.search(self.wanted, line) is not None


PREDICTION = r"^GET /v1/predictions/\w+ "
SPOTS: Mapping[tuple[str, str], Spot] = {
    ("fal", "order"): Spot(r"^POST /fal-ai/", "submit"),
    ("fal", "stream"): Spot(r"^GET .*/status/stream\?", "stream"),
    ("fal", "follow"): Spot(r"^GET .*/status\?", "status"),
    ("fal", "result"): Spot(r"^GET /fal-ai/[^?]*/requests/[^/]+ ", "result"),
    ("fal", "download"): Spot(r"^GET /files/b/", "file", files=True),
    ("fal", "token"): Spot(r"^POST /storage/auth/token", "token"),
    ("fal", "upload"): Spot(r"^POST /files/upload ", "upload"),
    ("fal", "cancel"): Spot(r"^PUT .*/cancel ", "cancel"),
    ("fal", "find"): Spot(r"^GET /v1/models/requests/by-endpoint", "platform"),
    ("fal", "check"): Spot(r"^GET /v1/models/pricing", "platform"),
    ("replicate", "order"): Spot(r"^POST .*/predictions ", "create"),
    ("replicate", "follow"): Spot(PREDICTION, "get"),
    ("replicate", "result"): Spot(PREDICTION, "result", skip=1),
    ("replicate", "download"): Spot(r"^GET /x/", "file", files=True),
    ("replicate", "upload"): Spot(r"^POST /v1/files ", "upload"),
    ("replicate", "cancel"): Spot(r"^POST .*/cancel ", "cancel"),
    ("replicate", "find"): Spot(r"^GET /v1/predictions[ ?]", "list"),
    ("replicate", "check"): Spot(r"^GET /v1/account ", "account"),
    ("fal", "address"): Spot(r"^GET /files/b/", files=True),
    ("fal", "run"): Spot(r"^GET .*/status"),
    ("replicate", "address"): Spot(r"^GET /x/", files=True),
    ("replicate", "run"): Spot(PREDICTION),
    ("bucket", "keep"): Spot(r"^PUT /pictures/"),
    ("bucket", "load"): Spot(r"^GET /pictures/"),
    ("telegram", "deliver"): Spot(r"^POST /bot[^/]+/sendPhoto ", "sendPhoto"),
    ("telegram", "status"): Spot(r"^POST /bot[^/]+/sendMessage ", "sendMessage"),
    ("telegram", "edit"): Spot(r"^POST /bot[^/]+/editMessageText ", "editMessageText"),
    ("telegram", "clear"): Spot(r"^POST /bot[^/]+/deleteMessage ", "deleteMessage"),
    ("telegram", "typing"): Spot(r"^POST /bot[^/]+/sendChatAction ", "sendChatAction"),
    ("telegram", "receive"): Spot(r"^POST /bot[^/]+/getUpdates", "getUpdates"),
    ("telegram", "fetch"): Spot(r"^POST /bot[^/]+/getFile ", "getFile"),
    ("telegram", "download"): Spot(r"^GET /file/bot"),
    ("discord", "deliver"): Spot(
        r"^POST /api/v10/channels/\d+/messages ", "POST /channels/{id}/messages"
    ),
    ("discord", "typing"): Spot(
        r"^POST /api/v10/channels/\d+/typing ", "POST /channels/{id}/typing"
    ),
    ("discord", "acknowledge"): Spot(r"^POST /api/v10/interactions/\d+/[^/]+/callback"),
    ("discord", "answer"): Spot(r"^PATCH /api/v10/webhooks/\d+/[^/]+/messages/"),
    ("discord", "receive"): Spot("", "gateway"),
    ("discord", "fetch"): Spot(r"^GET /api/v10/channels/\d+/messages/\d+ "),
    ("discord", "download"): Spot(r"^GET /cdn/attachments/", "GET /cdn/attachments"),
}
