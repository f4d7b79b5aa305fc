"""Replicate on loopback: predictions, trainings, models, files and signed webhooks."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from aiohttp import web
from typing_extensions import override

from tests.emulators.delivery import Delivery
from tests.emulators.jobs import WEBHOOK_FAULTS, Job, JobEmulator
from tests.emulators.making import data_of, inspect_inputs
from tests.emulators.misbehave import ANY, BEFORE_ACCEPTING, misbehave
from tests.emulators.pictures import CONTENT_TYPES
from tests.emulators.replicate_answers import SHAPES, TITLES, invalid, job_of, problem
from tests.emulators.replicate_catalogue import Catalogue
from tests.emulators.replicate_files import Files
from tests.emulators.replicate_rules import (
    EVENTS,
    broken_by_body,
    life_seconds,
    token_problem,
    wait_seconds,
)
from tests.emulators.replicate_webhooks import Signer
from tests.emulators.schema import problems
from tests.emulators.server import Fault, drop
from tests.emulators.shelf import FAULTS as FILE_FAULTS

AFTER_ACCEPTING = frozenset(
    {
        "accept_then_drop",
        "accept_then_hang",
        "accept_then_status",
        "html_200",
        "empty_200",
        "window_ends",
    }
)
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
PAGE = 100


class ReplicateEmulator(JobEmulator):
    """The services of Replicate for the token `r8_test`, with outputs on a second port."""

    key = "r8_test"
    outcomes = JobEmulator.outcomes | SHAPES | {"aborted", "data_removed"}
    faults: Mapping[str, frozenset[str]] = {
        "create": BEFORE_ACCEPTING | AFTER_ACCEPTING,
        "get": ANY,
        "list": ANY,
        "cancel": ANY | {"completes_anyway"},
        "result": outcomes,
        "file": FILE_FAULTS,
        "upload": ANY,
        "webhook": WEBHOOK_FAULTS,
    }

    def __init__(self) -> None:
        super().__init__()
        self.hidden_lists = 0
        self.files = Files(self)
        self.catalogue = Catalogue(self)
        self.signer = Signer()
        self.delivery = Delivery(self)

    @override
    def routes(self) -> list[web.RouteDef]:
        version = "/v1/models/{owner}/{name}/versions/{version}"
        return [
            *self.files.routes(),
            *self.catalogue.routes(),
            web.post("/v1/predictions", self._create),
            web.post("/v1/models/{owner}/{name}/predictions", self._create),
            web.post("/v1/deployments/{owner}/{name}/predictions", self._create),
            web.post(f"{version}/trainings", self._create),
            web.get("/v1/{kind:predictions|trainings}", self._list),
            web.get("/v1/{kind:predictions|trainings}/{id}", self._get),
            web.post("/v1/{kind:predictions|trainings}/{id}/cancel", self._cancel),
        ]

    @override
    async def __aenter__(self) -> Self:
        self.delivery.calls = self.calls
        await self.delivery.__aenter__()
        return await super().__aenter__()

    @override
    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__(*_)
        await self.delivery.__aexit__(*_)

    @property
    def delivery_url(self) -> str:
        """Where outputs are fetched from."""
        return self.delivery.url

    # --- guards --------------------------------------------------------------------------------

    def unauthorized(self, request: web.Request) -> web.Response | None:
        """Answer a request that carries no good token; None when it does."""
        wrong = token_problem(request.headers.get("Authorization"), self.key)
        if wrong is None:
            return None
        if wrong != "wrong":
            self.refuse(f"{request.method} {request.path}: {wrong}")
        return problem(401)

    def load(self, url: str) -> bytes | None:
        """Read an input file as a model does: a data URL, an uploaded file or an output."""
        if url.startswith("data:"):
            return data_of(url)
        if url.startswith(f"{self.delivery.url}/x/"):
            item = self.delivery.shelf.find(url.removeprefix(f"{self.delivery.url}/x/"))
            return item.read() if item else None
        return self.files.read(url)

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """Misbehave, in Replicate's words where none are given."""
        code = fault.values.get("code", 500)
        if fault.name != "status" or "body" in fault.values:
            return await misbehave(request, fault)
        title, detail = TITLES.get(code, TITLES[500])
        body = {"title": title, "detail": detail, "status": code}
        return await misbehave(request, Fault("status", {**fault.values, "body": body}))

    # --- creating ------------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.StreamResponse:
        denied = self.unauthorized(request)
        if denied is not None:
            return denied
        fault = self.next_fault("create")
        if fault is not None and fault.name == "drop_before":
            return await drop(request)
        if fault is not None and fault.name not in AFTER_ACCEPTING:
            return await self._fail(request, fault)
        try:
            wait = wait_seconds(request.headers.get("Prefer"))
            life = life_seconds(request.headers.get("Cancel-After"))
        except ValueError as wrong:
            self.refuse(str(wrong))
            return problem(400, str(wrong))
        job = await self._order(request)
        if isinstance(job, web.Response):
            return job
        if life is not None:
            self.later(life, lambda: self._out_of_time(job))
        return await self._created(request, job, wait, fault)

    async def _created(
        self, request: web.Request, job: Job, wait: int | None, fault: Fault | None
    ) -> web.StreamResponse:
        name = fault.name if fault else ""
        if name == "accept_then_drop":
            return await drop(request)
        if name == "accept_then_hang":
            return await misbehave(request, Fault("hang"))
        if fault is not None and name == "accept_then_status":
            return await self._fail(request, Fault("status", fault.values))
        if fault is not None and name in ANY:
            return await misbehave(request, fault)
        if wait is None:
            return web.json_response(job_of(self, job, fresh=True), status=201)
        if name == "window_ends" or not await job.end(wait):
            return web.json_response(job_of(self, job), status=202)
        return web.json_response(job_of(self, job), status=201)

    async def _order(self, request: web.Request) -> Job | web.Response:
        """Turn a request into an accepted job, or into the answer that refuses it."""
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict) or not isinstance(body.get("input"), dict):
            self.refuse(f"{request.path} without an input object")
            return problem(422, "- input is required\n", title="Input validation failed")
        endpoint = self.catalogue.endpoint(request, body)
        if endpoint is None:
            return problem(404)
        name, version, model = endpoint
        self.broken_rules.extend(broken_by_body(body, model))
        wrong = problems(model, body["input"])
        if wrong:
            return invalid(wrong)
        unread, size = inspect_inputs(model, body["input"], self.load)
        job = Job(
            id="".join(secrets.choice(ALPHABET) for _ in range(26)),
            endpoint=name,
            model=model,
            input=body["input"],
            headers=dict(request.headers),
            input_size=size,
            webhook=body.get("webhook"),
            events=tuple(body.get("webhook_events_filter") or EVENTS),
            version=version,
            destination=body.get("destination"),
        )
        if unread:
            job.flaw = Fault("invalid", {"error": f"Prediction failed: {unread[0].message}"})
        self.accept(job)
        return job

    def _out_of_time(self, job: Job) -> None:
        self.cancel(job, "aborted" if job.state == "queued" else "cancelled")

    # --- following -----------------------------------------------------------------------------

    async def _known(self, request: web.Request, place: str) -> Job | web.StreamResponse:
        denied = self.unauthorized(request)
        if denied is not None:
            return denied
        fault = self.take(place, ANY)
        if fault is not None:
            return await self._fail(request, fault)
        try:
            job = self.job(request.match_info["id"])
        except LookupError:
            return problem(404)
        training = request.match_info["kind"] == "trainings"
        return job if training == bool(job.destination) else problem(404)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        job = await self._known(request, "get")
        return web.json_response(job_of(self, job)) if isinstance(job, Job) else job

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        job = await self._known(request, "cancel")
        if not isinstance(job, Job):
            return job
        if self.take("cancel", {"completes_anyway"}) is None:
            self.cancel(job)
        return web.json_response(job_of(self, job))

    async def _list(self, request: web.Request) -> web.StreamResponse:
        denied = self.unauthorized(request)
        if denied is not None:
            return denied
        fault = self.next_fault("list")
        if fault is not None:
            return await self._fail(request, fault)
        training = request.match_info["kind"] == "trainings"
        after = request.query.get("created_after")
        since = datetime.fromisoformat(after).timestamp() if after else 0.0
        found = [
            job
            for job in reversed(self.jobs if self.hidden_lists <= 0 else [])
            if training == bool(job.destination) and job.accepted_at >= since
        ]
        self.hidden_lists -= 1
        start = int(request.query.get("cursor", "0"))
        rest = request.url.update_query(cursor=str(start + PAGE))
        return web.json_response(
            {
                "previous": None,
                "next": str(rest) if len(found) > start + PAGE else None,
                "results": [job_of(self, job) for job in found[start : start + PAGE]],
            }
        )

    # --- outputs and webhooks ------------------------------------------------------------------

    @override
    def deliver(self, job: Job) -> None:
        for index, made in enumerate(job.made):
            kind = CONTENT_TYPES[made.kind]
            name = f"{job.id}/out-{index}.{made.kind}"
            job.urls.append(self.delivery.put(made.draw, kind, name))
        if job.destination:
            name = f"{job.id}/trained_model.tar"
            job.urls.append(self.delivery.put(lambda: bytes(64), "application/x-tar", name))
            self.catalogue.add_version(job.destination, f"{job.seed:064x}")
        job.gone = bool(job.flaw and job.flaw.name == "data_removed")

    @override
    def forget(self, identifier: str) -> None:
        super().forget(identifier)
        for url in self.job(identifier).urls:
            self.delivery.remove(url)

    @override
    def news_for(self, job: Job, event: str) -> dict[str, Any] | None:
        return job_of(self, job) if event in job.events else None

    @override
    def sign(self, identifier: str, raw: bytes, flaw: str = "") -> dict[str, str]:
        return self.signer.headers(raw, flaw)
