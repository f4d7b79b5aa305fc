"""The JSON bodies with which Replicate speaks of predictions, trainings and problems."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.jobs import Job
from tests.emulators.schema import Problem

if TYPE_CHECKING:
    from tests.emulators.replicate import ReplicateEmulator

NSFW = "All generated images contained NSFW content. Try running it again with a different prompt."
STATUSES = {"queued": "starting", "running": "processing", "cancelled": "canceled"}
TITLES = {
    400: ("Bad Request", "The request could not be understood"),
    401: ("Unauthenticated", "You did not pass a valid authentication token"),
    402: ("Payment Required", "You have insufficient credit to run this model."),
    404: ("Not found", "The requested resource could not be found."),
    429: ("Too Many Requests", "Request was throttled. Your rate limit resets in ~30s."),
    500: ("Internal Server Error", "An unexpected error occurred"),
}
SHAPES = frozenset({"null_version", "output_string", "output_list", "output_null", "error_object"})


def problem(status: int, detail: str = "", **more: Any) -> web.Response:
    """Answer with what is wrong, as RFC 7807 wants it."""
    title, usual = TITLES.get(status, ("Error", "Something went wrong"))
    body = {"type": "about:blank", "title": title, "detail": detail or usual, "status": status}
    return web.json_response(
        {**body, **more}, status=status, content_type="application/problem+json"
    )


def invalid(problems: Sequence[Problem]) -> web.Response:
    """Answer an input that the model's schema refuses."""
    described = [(f"input.{wrong.name}", *_described(wrong)) for wrong in problems]
    detail = "".join(f"- {_where(field, kind)}: {text}\n" for field, kind, text in described)
    fields = [
        {"type": kind, "field": _where(field, kind), "description": text}
        for field, kind, text in described
    ]
    return problem(422, detail, title="Input validation failed", invalid_fields=fields)


def job_of(emulator: "ReplicateEmulator", job: Job, *, fresh: bool = False) -> dict[str, Any]:
    """Describe a job as it stands, or as it stood when it was created."""
    kind = "trainings" if job.destination else "predictions"
    base = f"{emulator.url}/v1/{kind}/{job.id}"
    body: dict[str, Any] = {
        "id": job.id,
        "model": job.endpoint,
        "version": job.version or "hidden",
        "input": job.input,
        "logs": "",
        "output": None,
        "data_removed": False,
        "error": None,
        "source": "api",
        "status": "starting",
        "created_at": _iso(job.accepted_at),
        "urls": {
            "get": base,
            "cancel": f"{base}/cancel",
            "web": f"https://replicate.com/p/{job.id}",
        },
    }
    if job.destination:
        body["destination"] = job.destination
    return body if fresh else {**body, **_progress(job)}


def _progress(job: Job) -> dict[str, Any]:
    body: dict[str, Any] = {"status": STATUSES.get(job.state, job.state)}
    if job.started_at is not None:
        body["started_at"] = _iso(job.started_at)
    if job.ended_at is not None:
        body["completed_at"] = _iso(job.ended_at)
        running = job.ended_at - (job.started_at or job.ended_at)
        total = job.ended_at - job.accepted_at
        body["metrics"] = {"predict_time": round(running, 3), "total_time": round(total, 3)}
    if job.gone:
        return {**body, "input": {}, "logs": None, "data_removed": True}
    body["logs"] = "\n".join(job.logs)
    if job.state == "failed":
        body["error"] = _error(job)
    if job.state == "succeeded" or job.urls:
        body["output"] = _output(job)
    return {**body, **_bent(job)}


def _error(job: Job) -> str:
    flaw = job.flaw
    if flaw is None or flaw.name == "nsfw":
        return NSFW
    return flaw.values.get("error", "Prediction failed (code: E1000)")


def _output(job: Job) -> Any:
    if job.model.shape == "weights":
        return {"version": f"{job.destination}:{_trained(job)}", "weights": job.urls[0]}
    if job.model.shape == "single":
        return job.urls[0] if job.urls else None
    return job.urls


def _bent(job: Job) -> dict[str, Any]:
    """Bend the body into a shape that the service is known to send at times."""
    first = job.urls[0] if job.urls else None
    bent: dict[str, dict[str, Any]] = {
        "null_version": {"version": None},
        "output_string": {"output": first},
        "output_list": {"output": job.urls},
        "output_null": {"output": None},
        "error_object": {"error": {"code": "E1000"}},
    }
    return bent.get(job.flaw.name if job.flaw else "", {})


def _trained(job: Job) -> str:
    return f"{job.seed:064x}"


def _described(wrong: Problem) -> tuple[str, str]:
    match wrong.code:
        case "missing":
            return "required", f"{wrong.name} is required"
        case "extra_forbidden":
            text = f"Additional property {wrong.name} is not allowed"
            return "additional_property_not_allowed", text
        case "greater_than_equal":
            return "number_gte", f"Must be greater than or equal to {wrong.context['ge']}"
        case "less_than_equal":
            return "number_lte", f"Must be less than or equal to {wrong.context['le']}"
        case "literal_error":
            choices = ", ".join(f'"{choice}"' for choice in wrong.context["choices"])
            return "enum", f"input.{wrong.name} must be one of the following: {choices}"
        case _:
            given = type(wrong.given).__name__
            expected = wrong.context.get("expected")
            return "invalid_type", f"Invalid type. Expected: {expected}, given: {given}"


def _where(field: str, kind: str) -> str:
    return "input" if kind in {"required", "additional_property_not_allowed"} else field


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
