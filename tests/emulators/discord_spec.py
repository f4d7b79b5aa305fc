"""Checks requests against Discord's official OpenAPI file, where it lies beside the checkout."""

import functools
import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tests.emulators.discord_world import Json

PLACE = "shared/specs/discord_openapi.json"


@functools.cache
def official() -> "Spec | None":
    """Load the file once, or None where it is missing."""
    around = (parent / PLACE for parent in Path(__file__).resolve().parents)
    path = next((each for each in around if each.is_file()), None)
    return Spec(json.loads(path.read_text())) if path else None


class Spec:
    """The official schemas, closed so that a misspelt field is seen."""

    def __init__(self, document: Json) -> None:
        self._components = document["components"]
        schemas = self._components["schemas"]
        for schema in schemas.values():
            _close(schema)
        _tolerate(schemas)
        self._operations: dict[tuple[str, str], Json] = {
            (method.upper(), _anonymous(template)): operation
            for template, methods in document["paths"].items()
            for method, operation in methods.items()
            if method in {"get", "put", "post", "patch", "delete"}
        }
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}

    def check(self, method: str, template: str, payload: Any) -> list[str]:
        """Say what is wrong with a request, most relevant error only."""
        key = (method, _anonymous(template))
        operation = self._operations.get(key)
        if operation is None:
            return [f"{method} {template}: no such route"]
        if payload is None or "requestBody" not in operation:
            return []
        worst: Any = best_match(self._validator(key).iter_errors(payload))
        if worst is None:
            return []
        return [f"{method} {template}: {worst.json_path}: {worst.message}"]

    def _validator(self, key: tuple[str, str]) -> Draft202012Validator:
        if key not in self._validators:
            body = self._operations[key]["requestBody"]["content"]["application/json"]["schema"]
            whole = {**body, "components": self._components}
            self._validators[key] = Draft202012Validator(whole)
        return self._validators[key]


def _anonymous(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", template)


def _close(schema: Any) -> None:
    if isinstance(schema, list):
        for each in schema:
            _close(each)
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    for each in schema.values():
        _close(each)


def _tolerate(schemas: dict[str, Json]) -> None:
    """Allow what real clients send and Discord takes, though its file does not say so."""
    attachment = schemas["MessageAttachmentRequest"]["properties"]
    attachment["id"] = {"type": ["string", "integer"]}
    echoed = schemas["MessageAttachmentResponse"]["properties"]  # an edit names what it keeps
    attachment.update({name: {} for name in ("spoiler", *echoed) if name not in attachment})
    for name, schema in schemas.items():
        fields = schema.get("properties", {})
        if "allowed_mentions" in fields and "Response" not in name:
            fields.setdefault("tts", {"const": False})
            fields.setdefault("enforce_nonce", {"const": False})
        if name in {"ApplicationCommandUpdateRequest", "ApplicationCommandCreateRequest"}:
            fields.setdefault("nsfw", {"type": "boolean"})
