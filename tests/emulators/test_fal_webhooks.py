"""What fal calls back can be checked with its published keys, and forgeries fail the check."""

import base64
import hashlib
import json

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.emulators.ear import Ear
from tests.emulators.fal import FalEmulator
from tests.emulators.server import Call

ENDPOINT = "/fal-ai/flux/schnell"


async def called_back(fal: FalEmulator, *inputs: dict[str, object]) -> tuple[list[Call], list[str]]:
    """Order with a webhook; return what came back and the keys that were then published."""
    headers = {"Authorization": f"Key {fal.key}"}
    async with Ear(enough=len(inputs)) as ear, httpx.AsyncClient(trust_env=False) as http:
        query = {"fal_webhook": f"{ear.url}/hook?job=1"}
        for given in inputs:
            await http.post(f"{fal.url}{ENDPOINT}", params=query, json=given, headers=headers)
        await ear.heard()
        keys = (await http.get(f"{fal.url}/.well-known/jwks.json")).json()["keys"]
    return ear.calls, [key["x"] for key in keys]


def signed_by(call: Call, key: str) -> bool:
    parts = [
        call.headers[f"X-Fal-Webhook-{name}"] for name in ("Request-Id", "User-Id", "Timestamp")
    ]
    text = "\n".join([*parts, hashlib.sha256(call.body).hexdigest()])
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key + "="))
    try:
        public.verify(bytes.fromhex(call.headers["X-Fal-Webhook-Signature"]), text.encode())
    except InvalidSignature:
        return False
    return True


async def test_a_call_back_carries_the_result_or_the_refusal() -> None:
    async with FalEmulator() as fal:
        fal.late_validation = True
        calls, keys = await called_back(fal, {"prompt": "x"}, {"promt": "x"})
    bodies = sorted((json.loads(call.body) for call in calls), key=lambda body: body["status"])

    assert [body["status"] for body in bodies] == ["ERROR", "OK"]
    assert bodies[0]["payload"]["detail"][0]["type"] == "extra_forbidden"
    assert bodies[1]["payload"]["images"][0]["width"] == 1024
    assert [[signed_by(call, key) for key in keys] for call in calls] == [[False, True]] * 2
    assert calls[0].query == {"job": "1"}


@pytest.mark.parametrize("flaw", ["bad_signature", "unknown_key"])
async def test_a_forged_call_back_fits_no_published_key(flaw: str) -> None:
    async with FalEmulator() as fal:
        fal.fault("webhook", flaw)
        (call,), keys = await called_back(fal, {"prompt": "x"})

    assert not any(signed_by(call, key) for key in keys)


async def test_a_rotated_key_signs_at_once_and_the_old_one_stays_published() -> None:
    async with FalEmulator() as fal:
        (before,), _ = await called_back(fal, {"prompt": "x"})
        fal.signer.rotate()
        (after,), keys = await called_back(fal, {"prompt": "x"})

    assert [signed_by(before, key) for key in keys] == [True, False]
    assert [signed_by(after, key) for key in keys] == [False, True]
