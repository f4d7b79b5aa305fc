"""The JSON bodies with which fal.ai speaks of a job."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.emulators.jobs import Job
from tests.emulators.pictures import CONTENT_TYPES
from tests.emulators.schema import Problem

if TYPE_CHECKING:
    from tests.emulators.fal import FalEmulator

LOCKED = (
    "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)
FLAGGED = (
    "The content could not be processed because it contained material flagged by a content checker."
)
STATUSES = {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}


def receipt_of(emulator: "FalEmulator", job: Job) -> dict[str, Any]:
    """What a submit answers: always as if the job were still in the queue."""
    return {
        "status": "IN_QUEUE",
        "request_id": job.id,
        "gateway_request_id": job.id,
        "queue_position": emulator.position(job),
        **_addresses(emulator, job),
    }


def status_of(
    emulator: "FalEmulator", job: Job, *, logs: bool = False, since: int = 0
) -> dict[str, Any]:
    """What a status request answers, with the log lines from `since` on when they are wanted."""
    body: dict[str, Any] = {
        "status": STATUSES.get(job.state, "COMPLETED"),
        "request_id": job.id,
        **_addresses(emulator, job),
    }
    if job.state == "queued":
        return {**body, "queue_position": emulator.position(job)}
    body["logs"] = [_log(line) for line in job.logs[since:]] if logs else None
    if job.ended:
        seconds = (job.ended_at or 0) - (job.started_at or 0)
        body["metrics"] = {"inference_time": round(seconds, 3)} if job.state == "succeeded" else {}
    if job.ended and job.state != "succeeded" and emulator.failure_fields:
        code, _ = answer_of(job)
        cancelled = job.state == "cancelled"
        body["error"] = "Request was cancelled" if cancelled else f"Invalid status code: {code}"
        body["error_type"] = "client_cancelled" if cancelled else "bad_request"
    return body


def answer_of(job: Job) -> tuple[int, dict[str, Any]]:
    """What the result of an ended job answers: the model's own status and body."""
    if job.state == "cancelled":
        return 499, {"detail": "Request was cancelled", "error_type": "client_cancelled"}
    if job.state == "succeeded":
        return 200, RESULTS.get(job.model.shape, _images)(job)
    flaw = job.flaw.name if job.flaw else "failed"
    if flaw == "invalid" and job.flaw:
        return 422, {"detail": job.flaw.values["detail"]}
    if flaw == "nsfw":
        refused = Problem(
            "prompt", "content_policy_violation", FLAGGED, {"prompt": job.input.get("prompt")}
        )
        return 422, {"detail": detail_of([refused])}
    values = job.flaw.values if job.flaw else {}
    body = {"detail": "Internal server error", "error_type": "internal_error"}
    return values.get("code", 500), values.get("body", body)


def detail_of(problems: list[Problem]) -> list[dict[str, Any]]:
    """The list in which a model names what was wrong with its input."""
    return [
        {
            "loc": ["body", *problem.name.split(".")],
            "msg": problem.message,
            "type": problem.code,
            "url": f"https://docs.fal.ai/errors/#{problem.code}",
            "input": problem.given,
            **({"ctx": dict(problem.context)} if problem.context else {}),
        }
        for problem in problems
    ]


def webhook_of(job: Job) -> dict[str, Any]:
    """The body of the call-back for an ended job."""
    code, payload = answer_of(job)
    body = {"request_id": job.id, "gateway_request_id": job.id, "payload": payload}
    if code == 200:
        return {**body, "status": "OK"}
    return {**body, "status": "ERROR", "error": f"Invalid status code: {code}"}


def _addresses(emulator: "FalEmulator", job: Job) -> dict[str, str]:
    owner, alias = job.endpoint.split("/")[:2]
    base = f"{emulator.url}/{owner}/{alias}/requests/{job.id}"
    return {
        "response_url": base,
        "status_url": f"{base}/status",
        "cancel_url": f"{base}/cancel",
    }


def _log(line: str) -> dict[str, str]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"message": line, "level": "STDERR", "source": "USER", "timestamp": now}


def _pictures(job: Job) -> list[dict[str, Any]]:
    return [
        {
            "url": url,
            "width": made.width,
            "height": made.height,
            "content_type": CONTENT_TYPES[made.kind],
        }
        for url, made in zip(job.urls, job.made, strict=True)
    ]


def _images(job: Job) -> dict[str, Any]:
    body: dict[str, Any] = {"images": _pictures(job), "seed": job.seed}
    if job.model.flags:
        body["prompt"] = job.input.get("prompt", "")
        body["has_nsfw_concepts"] = [made.black for made in job.made]
        body["timings"] = {"inference": 0.1}
    return body


def _described(job: Job) -> dict[str, Any]:
    return {"images": _pictures(job), "description": ""}


def _image(job: Job) -> dict[str, Any]:
    return {"image": next(iter(_pictures(job)), None), "seed": job.seed, "timings": {}}


def _weights(job: Job) -> dict[str, Any]:
    names = ("pytorch_lora_weights.safetensors", "config.json")
    files = [
        {
            "url": url,
            "content_type": "application/octet-stream",
            "file_name": name,
            "file_size": 64,
        }
        for url, name in zip(job.urls, names, strict=True)
    ]
    return {"diffusers_lora_file": files[0], "config_file": files[1]}


RESULTS = {"images": _images, "described": _described, "image": _image, "weights": _weights}
