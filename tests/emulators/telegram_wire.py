"""The parameters of one Bot API call: from the query, a form, JSON or multipart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from python_multipart.multipart import Field, File, create_form_parser

from tests.emulators.telegram_rules import UPLOAD_BYTES, Refused, bad


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Parameters:
    """What the bot sent: values by name, files by name."""

    fields: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Read a structured value; a form carries it as JSON."""
        raw = self.fields.get(name)
        if not isinstance(raw, str):
            return raw
        try:
            return json.loads(raw)
        except json.JSONDecodeError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def text(self, name: str) -> str:
        """Read a string, empty when absent."""
        raw = self.fields.get(name)
        return "" if raw is None else str(raw)

    def integer(self, name: str) -> int:
        """Read a whole number, 0 when absent or not a number."""
        try:
            return int(self.text(name) or 0)
        except ValueError:
            return 0

    def flag(self, name: str) -> bool:
        """Read a yes or no."""
        return self.text(name).lower() in {"true", "1", "yes"}

    def upload(self, named: str) -> Upload | None:
        """Find the uploaded file that a field or an `attach://` reference names."""
        found = self.files.get(named.removeprefix("attach://"))
        if found is None:
            return None
        if not found.data:
            raise bad("file must be non-empty")
        if len(found.data) > UPLOAD_BYTES:
            raise Refused(413, "Request Entity Too Large")
        return found


async def read_parameters(request: web.Request) -> Parameters:
    """Read a call in whichever of the four ways it was sent; the body wins over the query."""
    body = await request.read()
    files: dict[str, Upload] = {}
    fields: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        fields |= _json_object(body)
    elif request.content_type == "application/x-www-form-urlencoded":
        fields |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif request.content_type == "multipart/form-data":
        fields |= _multipart(request.headers["Content-Type"], body, files)
    return Parameters(fields, files)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except json.JSONDecodeError:
        raise bad("can't parse JSON object") from None
    return {name: value for name, value in parsed.items() if value is not None}


def _multipart(content_type: str, body: bytes, files: dict[str, Upload]) -> dict[str, Any]:
    fields: dict[str, Any] = {}

    def on_field(part: Field) -> None:
        fields[_named(part)] = (part.value or b"").decode()

    def on_file(part: File) -> None:
        part.file_object.seek(0)
        files[_named(part)] = Upload((part.file_name or b"").decode(), part.file_object.read())

    parser = create_form_parser(
        {"Content-Type": content_type.encode()},
        on_field,
        on_file,
        {"MAX_MEMORY_FILE_SIZE": len(body) + 1},
    )
    parser.write(body)
    parser.finalize()
    return fields


def _named(part: Field | File) -> str:
    return (part.field_name or b"").decode()
