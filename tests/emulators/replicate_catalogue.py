"""Replicate's models, versions, account, hardware and webhook secret."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.replicate_answers import problem
from tests.emulators.replicate_models import OFFICIAL, REPLICATE, TRAINED_MODEL, TRAINERS
from tests.emulators.schema import Field, Model

if TYPE_CHECKING:
    from tests.emulators.replicate import ReplicateEmulator

HARDWARE = [
    {"sku": "cpu", "name": "CPU"},
    {"sku": "gpu-t4", "name": "Nvidia T4 GPU"},
    {"sku": "gpu-l40s", "name": "Nvidia L40S GPU"},
    {"sku": "gpu-h100", "name": "Nvidia H100 GPU"},
]
WANTED = {"owner", "name", "visibility", "hardware"}
JSON_TYPES = {"url": "string", "urls": "array", "loras": "array", "size": "string"}


class Catalogue:
    """Public models by table, private ones by creation, and the versions of both."""

    owner = "tester"

    def __init__(self, emulator: "ReplicateEmulator") -> None:
        self._emulator = emulator
        self.private: dict[str, dict[str, Any]] = {}
        self._versions: dict[str, str] = {
            hashlib.sha256(name.encode()).hexdigest(): name for name in (*REPLICATE, *TRAINERS)
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/models", self._create),
            web.get("/v1/models/{owner}/{name}", self._get),
            web.get("/v1/models/{owner}/{name}/versions", self._list_versions),
            web.get("/v1/models/{owner}/{name}/versions/{version}", self._get_version),
            web.get("/v1/account", self._account),
            web.get("/v1/hardware", self._hardware),
            web.get("/v1/webhooks/default/secret", self._secret),
        ]

    # --- look-ups ------------------------------------------------------------------------------

    def model(self, name: str) -> Model | None:
        """Return the table of a model that runs, private ones included once they have a version."""
        if name in self.private:
            return TRAINED_MODEL if self.versions(name) else None
        return REPLICATE.get(name)

    def endpoint(
        self, request: web.Request, body: Mapping[str, Any]
    ) -> tuple[str, str | None, Model] | None:
        """Find what a creation runs: the model's name, its version unless official, its table."""
        path = request.match_info
        name = _name(request) if "owner" in path else ""
        if "version" in path:
            known = name in TRAINERS and path["version"] in self.versions(name)
            ready = body.get("destination") in self.private
            return (name, path["version"], TRAINERS[name]) if known and ready else None
        if "/models/" in request.path:
            return (name, None, REPLICATE[name]) if name in OFFICIAL else None
        found = self.named(name or str(body.get("version", "")))
        model = self.model(found[0]) if found else None
        return None if found is None or model is None else (*found, model)

    def versions(self, name: str) -> list[str]:
        """List the versions of a model, newest first."""
        return [version for version, owner in reversed(self._versions.items()) if owner == name]

    def named(self, reference: str) -> tuple[str, str] | None:
        """Resolve `hex`, `owner/name` or `owner/name:hex` into a model and its version."""
        name, _, version = reference.rpartition(":")
        if "/" in reference and not name:
            name, version = reference, next(iter(self.versions(reference)), "")
        owner = self._versions.get(version)
        return None if owner is None or name not in {"", owner} else (owner, version)

    def add_version(self, name: str, version: str) -> None:
        """Publish what a training made."""
        self._versions[version] = name

    # --- answers -------------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.StreamResponse:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        body = await request.json()
        if not set(body) >= WANTED or body["hardware"] not in {entry["sku"] for entry in HARDWARE}:
            return problem(422, f"A model needs {', '.join(sorted(WANTED))}")
        if body["owner"] != self.owner:
            return problem(403, "You do not have permission to create a model for this owner")
        name = f"{body['owner']}/{body['name']}"
        if name in self.private:
            return problem(409, "A model with that name and owner already exists")
        self.private[name] = body
        return web.json_response(self._describe(name), status=201)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        return self.unknown(request) or web.json_response(self._describe(_name(request)))

    async def _list_versions(self, request: web.Request) -> web.StreamResponse:
        results = [self._version(version) for version in self.versions(_name(request))]
        page = {"next": None, "previous": None, "results": results}
        return self.unknown(request) or web.json_response(page)

    async def _get_version(self, request: web.Request) -> web.StreamResponse:
        version = request.match_info["version"]
        missing = self.unknown(request)
        if missing is None and version not in self.versions(_name(request)):
            missing = problem(404)
        return missing or web.json_response(self._version(version))

    def unknown(self, request: web.Request) -> web.Response | None:
        """Answer a request without a token or for a model that is not there; None otherwise."""
        name = _name(request)
        known = name in self.private or name in REPLICATE or name in TRAINERS
        return self._emulator.unauthorized(request) or (None if known else problem(404))

    async def _account(self, request: web.Request) -> web.StreamResponse:
        account = {"type": "user", "username": self.owner, "name": "Tester", "github_url": None}
        return self._emulator.unauthorized(request) or web.json_response(account)

    async def _hardware(self, request: web.Request) -> web.StreamResponse:
        return self._emulator.unauthorized(request) or web.json_response(HARDWARE)

    async def _secret(self, request: web.Request) -> web.StreamResponse:
        secret = {"key": self._emulator.signer.secret}
        return self._emulator.unauthorized(request) or web.json_response(secret)

    def _describe(self, name: str) -> dict[str, Any]:
        owner, short = name.split("/")
        latest = next(iter(self.versions(name)), None)
        return {
            "url": f"https://replicate.com/{name}",
            "owner": owner,
            "name": short,
            "description": None,
            "visibility": self.private.get(name, {}).get("visibility", "public"),
            "run_count": 0,
            "default_example": None,
            "latest_version": None if latest is None else self._version(latest),
        }

    def _version(self, version: str) -> dict[str, Any]:
        name = self._versions[version]
        model = TRAINERS.get(name) or REPLICATE.get(name) or TRAINED_MODEL
        return {
            "id": version,
            "created_at": "2026-01-01T00:00:00.000000Z",
            "cog_version": "0.16.0",
            "openapi_schema": {"components": {"schemas": _schemas(model)}},
        }


def _schemas(model: Model) -> dict[str, Any]:
    link = {"type": "string", "format": "uri"}
    required = [name for name, rule in model.fields.items() if rule.required]
    properties = {name: _property(rule) for name, rule in model.fields.items()}
    return {
        "Input": {"type": "object", "properties": properties, "required": required},
        "Output": {"type": "array", "items": link} if model.shape == "list" else link,
    }


def _property(rule: Field) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": JSON_TYPES.get(rule.kind, rule.kind)}
    limits = {"minimum": rule.low, "maximum": rule.high, "default": rule.default}
    return shown | {name: value for name, value in limits.items() if value is not None}


def _name(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['name']}"
