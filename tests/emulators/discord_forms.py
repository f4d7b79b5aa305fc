"""Reads what a client sends: JSON, or a multipart form with payload_json and files[n]."""

import json
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError

from tests.emulators import discord_errors as errors


@dataclass(frozen=True)
class Upload:
    """A file on its way in."""

    name: str
    data: bytes

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def safe_name(self) -> str:
        """The name as Discord keeps it, spaces and signs made underscores."""
        return re.sub(r"[^A-Za-z0-9._-]", "_", self.name)

    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels, of a picture."""
        try:
            with Image.open(BytesIO(self.data)) as picture:
                return picture.size
        except UnidentifiedImageError:
            return None


@dataclass(frozen=True)
class Form:
    """The body of a request."""

    payload: Any = None
    files: dict[str, Upload] = field(default_factory=dict[str, Upload])


def read_form(content_type: str, body: bytes) -> Form:
    """Read a body.

    Raises:
        Refused: the body is neither JSON nor a well-formed multipart form.
    """
    if not body:
        return Form()
    if content_type.startswith("multipart/form-data"):
        return _multipart(content_type, body)
    return Form(_json(body))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise errors.Refused(400, 50109, "The request body contains invalid JSON.") from error


def _multipart(content_type: str, body: bytes) -> Form:
    payload: Any = None
    files: dict[str, Upload] = {}
    for name, filename, data in _parts(content_type, body):
        numbered = re.fullmatch(r"files\[(\d+)\]", name)
        if name == "payload_json":
            payload = _json(data)
        elif numbered and filename:
            files[numbered[1]] = Upload(filename, data)
        else:
            raise errors.invalid(name, "UNKNOWN_FIELD", "Expected payload_json or files[n]")
    return Form(payload if payload is not None else {}, files)


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, str | None, bytes]]:
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if boundary is None:
        raise errors.Refused(400, 50035, "Invalid Form Body")
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        heading = head.decode()
        name = re.search(r'[; ]name="([^"]*)"', heading)
        filename = re.search(r'filename="([^"]*)"', heading)
        yield name[1] if name else "", filename[1] if filename else None, data
