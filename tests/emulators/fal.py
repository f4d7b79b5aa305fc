"""fal.ai on loopback: queue, storage, platform API and signed webhooks behind one port."""

import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from typing_extensions import override

from tests.emulators.fal_answers import (
    LOCKED,
    answer_of,
    detail_of,
    receipt_of,
    status_of,
    webhook_of,
)
from tests.emulators.fal_platform import Platform
from tests.emulators.fal_rules import broken_by_submit, key_problem
from tests.emulators.fal_storage import Storage
from tests.emulators.fal_stream import STREAM_FAULTS, stream
from tests.emulators.fal_webhooks import Signer
from tests.emulators.jobs import WEBHOOK_FAULTS, Job, JobEmulator
from tests.emulators.making import inspect_inputs
from tests.emulators.misbehave import ANY, BEFORE_ACCEPTING, misbehave
from tests.emulators.models import FAL
from tests.emulators.pictures import CONTENT_TYPES
from tests.emulators.schema import Problem, problems
from tests.emulators.server import Fault, drop
from tests.emulators.shelf import FAULTS as FILE_FAULTS
from tests.emulators.shelf import Shelf

AFTER_ACCEPTING = frozenset(
    {
        "accept_then_drop",
        "accept_then_hang",
        "accept_then_status",
        "html_200",
        "empty_200",
        "missing_cancel_url",
    }
)


class FalEmulator(JobEmulator):
    """The services of fal.ai for the key `fal-test-key`.

    `late_validation` moves the 422 from the submit to the result, where a model's own check sits.
    `failure_fields` says whether a failed COMPLETED status carries `error` and `error_type`.
    """

    key = "fal-test-key"
    faults: Mapping[str, frozenset[str]] = {
        "submit": BEFORE_ACCEPTING | AFTER_ACCEPTING | {"locked"},
        "status": ANY | {"unknown"},
        "stream": ANY | STREAM_FAULTS,
        "result": ANY | JobEmulator.outcomes | {"expired"},
        "cancel": ANY | {"completes_anyway"},
        "file": FILE_FAULTS,
        "token": ANY | {"expired"},
        "upload": ANY | {"no_etag"},
        "platform": ANY,
        "webhook": WEBHOOK_FAULTS,
    }

    def __init__(self) -> None:
        super().__init__()
        self.late_validation = False
        self.turned_away: list[str] = []
        """The tags of orders that a locked account kept from being taken."""
        self.failure_fields = True
        self.ping_seconds = 15.0
        self.shelf = Shelf()
        self.storage = Storage(self)
        self.platform = Platform(self)
        self.signer = Signer()

    @override
    def routes(self) -> list[web.RouteDef]:
        request = "/{owner}/{alias}/requests/{id}"
        return [
            *self.storage.routes(),
            *self.platform.routes(),
            web.get("/.well-known/jwks.json", self._jwks),
            web.get(f"{request}/status", self._status),
            web.get(f"{request}/status/stream", self._stream),
            web.get(request, self._result),
            web.get(f"{request}/response", self._result),
            web.put(f"{request}/cancel", self._cancel),
            web.post("/{owner}/{alias}", self._submit),
            web.post("/{owner}/{alias}/{path:.+}", self._submit),
        ]

    # --- guards --------------------------------------------------------------------------------

    def unauthorized(self, request: web.Request) -> web.Response | None:
        """Answer a request that carries no good key; None when it does."""
        problem = key_problem(request.headers.get("Authorization"), self.key)
        if problem is None:
            return None
        if problem != "wrong":
            self.refuse(f"{request.method} {request.path}: {problem}")
        detail = "Cannot access application. Authentication is required to access this application."
        return web.json_response({"detail": detail}, status=401)

    def _known(self, request: web.Request) -> Job | web.Response:
        """Find the job of a request, or the answer when there is none."""
        denied = self.unauthorized(request)
        if denied is not None:
            return denied
        try:
            job = self.job(request.match_info["id"])
        except LookupError:
            return web.json_response({"detail": "Request not found"}, status=404)
        owner, alias = job.endpoint.split("/")[:2]
        if (request.match_info["owner"], request.match_info["alias"]) != (owner, alias):
            self.refuse(f"request {job.id} asked for under a foreign address: {request.path}")
            return web.json_response({"detail": "Request not found"}, status=404)
        return job

    # --- the queue -----------------------------------------------------------------------------

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        denied = self.unauthorized(request)
        if denied is not None:
            return denied
        self.broken_rules.extend(broken_by_submit(request))
        fault = self.next_fault("submit")
        name = fault.name if fault else ""
        if name == "locked":
            self.turned_away.append(request.headers.get("X-Fal-Tags", ""))
            return web.json_response({"detail": LOCKED}, status=403)
        if name == "drop_before":
            return await drop(request)
        if fault is not None and name not in AFTER_ACCEPTING:
            return await misbehave(request, fault)
        job = await self._order(request)
        if isinstance(job, web.Response):
            return job
        return await self._accepted(request, job, fault)

    async def _order(self, request: web.Request) -> Job | web.Response:
        """Turn a request into an accepted job, or into the answer that refuses it."""
        endpoint = request.path.strip("/")
        model = FAL.get(endpoint)
        if model is None:
            detail = f"Application '{endpoint.split('/')[1]}' not found"
            return web.json_response({"detail": detail}, status=404)
        try:
            given = await request.json()
        except ValueError:
            given = None
        if not isinstance(given, dict):
            self.refuse(f"submit to {endpoint} without a JSON object")
            return web.json_response({"detail": "Invalid JSON"}, status=400)
        wrong = problems(model, given)
        found, size = ([], None) if wrong else inspect_inputs(model, given, self.storage.load)
        wrong = wrong or found
        if wrong and not self.late_validation:
            return web.json_response({"detail": detail_of(wrong)}, status=422)
        return self._take_order(request, endpoint, given, size, wrong)

    def _take_order(
        self,
        request: web.Request,
        endpoint: str,
        given: dict[str, Any],
        size: tuple[int, int] | None,
        wrong: list[Problem],
    ) -> Job:
        job = Job(
            id=str(uuid.uuid4()),
            endpoint=endpoint,
            model=FAL[endpoint],
            input=given,
            headers=dict(request.headers),
            input_size=size,
            webhook=request.query.get("fal_webhook"),
        )
        if wrong:
            job.flaw = Fault("invalid", {"detail": detail_of(wrong)})
        self.accept(job)
        return job

    async def _accepted(
        self, request: web.Request, job: Job, fault: Fault | None
    ) -> web.StreamResponse:
        name = fault.name if fault else ""
        if name == "accept_then_drop":
            return await drop(request)
        if name == "accept_then_hang":
            return await misbehave(request, Fault("hang"))
        if fault is not None and name == "accept_then_status":
            return await misbehave(request, Fault("status", fault.values))
        if fault is not None and name in ANY:
            return await misbehave(request, fault)
        body = receipt_of(self, job)
        if name == "missing_cancel_url":
            del body["cancel_url"]
        return web.json_response(body, headers={"x-fal-request-id": job.id})

    async def _status(self, request: web.Request) -> web.StreamResponse:
        job = self._known(request)
        if isinstance(job, web.Response):
            return job
        fault = self.next_fault("status")
        if fault is not None and fault.name in ANY:
            return await misbehave(request, fault)
        body = status_of(self, job, logs=request.query.get("logs", "0") in {"1", "true"})
        if fault is not None:
            body["status"] = fault.values.get("status", "PAUSED")
        code = 200 if job.ended else 202
        return web.json_response(body, status=code, headers={"x-fal-request-id": job.id})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        job = self._known(request)
        if isinstance(job, web.Response):
            return job
        if "text/event-stream" not in request.headers.get("Accept", ""):
            self.refuse("status stream asked for without Accept: text/event-stream")
        fault = self.next_fault("stream")
        if fault is not None and fault.name in ANY:
            return await misbehave(request, fault)
        return await stream(self, request, job, fault)

    async def _result(self, request: web.Request) -> web.StreamResponse:
        job = self._known(request)
        if isinstance(job, web.Response):
            return job
        fault = self.take("result", ANY | {"expired"})
        if fault is not None and fault.name in ANY:
            return await misbehave(request, fault)
        if fault is not None or job.gone:
            return web.json_response({"detail": "Request not found"}, status=404)
        if not job.ended:
            body = {"detail": "Request is still in progress"}
            return web.json_response(body, status=400, headers={"x-fal-request-id": job.id})
        code, body = answer_of(job)
        headers = {"x-fal-request-id": job.id, "X-Fal-Billable-Units": str(len(job.made))}
        return web.json_response(body, status=code, headers=headers)

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        job = self._known(request)
        if isinstance(job, web.Response):
            code = job.status
            return web.json_response({"status": "NOT_FOUND"}, status=404) if code == 404 else job
        fault = self.next_fault("cancel")
        if fault is not None and fault.name in ANY:
            return await misbehave(request, fault)
        if job.ended:
            return web.json_response({"status": "ALREADY_COMPLETED"}, status=400)
        if fault is None:
            self.cancel(job)
        return web.json_response({"status": "CANCELLATION_REQUESTED"}, status=202)

    def position(self, job: Job) -> int:
        """Count the jobs that wait before this one."""
        if job.state != "queued":
            return 0
        return [other.id for other in self.jobs if other.state == "queued"].index(job.id)

    # --- pictures and webhooks -----------------------------------------------------------------

    @override
    def deliver(self, job: Job) -> None:
        for made in job.made:
            ending = "jpg" if made.kind == "jpeg" else made.kind
            name = self.shelf.put(made.draw, CONTENT_TYPES[made.kind], ending)
            job.urls.append(f"{self.url}/files/b/{name}")
        if job.model.shape == "weights":
            for ending in ("safetensors", "json"):
                name = self.shelf.put(lambda: bytes(64), "application/octet-stream", ending)
                job.urls.append(f"{self.url}/files/b/{name}")

    @override
    def news_for(self, job: Job, event: str) -> dict[str, Any] | None:
        return webhook_of(job) if event == "completed" else None

    @override
    def sign(self, identifier: str, raw: bytes, flaw: str = "") -> dict[str, str]:
        return self.signer.headers(identifier, raw, flaw)

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response(self.signer.jwks())
