"""fal.ai's platform API: prices, estimates, past requests and the balance."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.fal_answers import answer_of
from tests.emulators.jobs import Job
from tests.emulators.misbehave import misbehave
from tests.emulators.models import FAL

if TYPE_CHECKING:
    from tests.emulators.fal import FalEmulator

UNITS = {"image": "images", "megapixel": "megapixels", "step": "steps"}


class Platform:
    """The API host. `visible_after` hides the newest requests for that many lookups."""

    def __init__(self, emulator: "FalEmulator") -> None:
        self._emulator = emulator
        self.balance = 25.0
        self.visible_after = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/models/pricing", self._pricing),
            web.post("/v1/models/pricing/estimate", self._estimate),
            web.get("/v1/models/requests/by-endpoint", self._requests),
            web.get("/v1/account/billing", self._billing),
        ]

    async def _refused(self, request: web.Request) -> web.StreamResponse | None:
        denied = self._emulator.unauthorized(request)
        if denied is not None:
            return denied
        fault = self._emulator.next_fault("platform")
        return None if fault is None else await misbehave(request, fault)

    async def _pricing(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        wanted = ",".join(request.query.getall("endpoint_id", [])).split(",")
        prices = [
            {
                "endpoint_id": endpoint,
                "unit_price": FAL[endpoint].price.micros / 1_000_000,
                "unit": UNITS[FAL[endpoint].price.unit],
                "currency": "USD",
            }
            for endpoint in wanted
            if endpoint in FAL
        ]
        return web.json_response({"prices": prices, "next_cursor": None, "has_more": False})

    async def _estimate(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        body = await request.json()
        if body.get("estimate_type") != "unit_price" or not set(body["endpoints"]) <= set(FAL):
            return web.json_response({"error": {"type": "validation_error"}}, status=400)
        micros = sum(
            FAL[endpoint].price.micros * wish["unit_quantity"]
            for endpoint, wish in body["endpoints"].items()
        )
        total = {"estimate_type": "unit_price", "total_cost": micros / 1_000_000}
        return web.json_response({**total, "currency": "USD"})

    async def _requests(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        if "endpoint_id" not in request.query:
            return web.json_response({"error": {"type": "validation_error"}}, status=400)
        jobs = [] if self.visible_after > 0 else self._emulator.jobs
        self.visible_after -= 1
        items = [_item(job, request) for job in reversed(jobs) if _asked_for(job, request)]
        limit = int(request.query.get("limit", "50"))
        return web.json_response({"items": items[:limit], "next_cursor": None, "has_more": False})

    async def _billing(self, request: web.Request) -> web.StreamResponse:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        left = self.balance - self._emulator.billed / 1_000_000
        credit = {"current_balance": left, "currency": "USD"}
        return web.json_response({"username": "tester", "credits": credit})


def _asked_for(job: Job, request: web.Request) -> bool:
    wanted = ",".join(request.query.getall("endpoint_id")).split(",")
    start, end = (request.query.get(name) for name in ("start", "end"))
    identifier = request.query.get("request_id", job.id)
    return (
        job.endpoint in wanted
        and identifier == job.id
        and (start is None or job.accepted_at >= _moment(start))
        and (end is None or job.accepted_at <= _moment(end))
    )


def _item(job: Job, request: web.Request) -> dict[str, Any]:
    code, body = answer_of(job) if job.ended else (None, None)
    item: dict[str, Any] = {
        "request_id": job.id,
        "endpoint_id": job.endpoint,
        "sent_at": _iso(job.accepted_at),
        "started_at": _iso(job.started_at),
        "ended_at": _iso(job.ended_at),
        "status_code": code,
    }
    kept = job.headers.get("X-Fal-Store-IO") != "0"
    if "payloads" in request.query.get("expand", "") and kept:
        item |= {"json_input": job.input, "json_output": body}
    return item


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
