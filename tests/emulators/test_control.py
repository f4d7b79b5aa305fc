"""An emulator in its own process obeys its control port and ends with its parent."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

SCHNELL = "fal-ai/flux/schnell"
KEY = {"Authorization": "Key fal-test-key"}


@asynccontextmanager
async def running(calls: Path) -> AsyncGenerator[tuple[Process, dict[str, str]]]:
    command = (sys.executable, "-m", "tests.emulators", "fal", "--calls", str(calls))
    process = await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            yield process, json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_test_sets_faults_and_reads_jobs_and_bills_from_outside(tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    async with running(calls) as (_, at), httpx.AsyncClient(trust_env=False) as http:
        fault = {"method": "fault", "args": ["submit", "status"], "kwargs": {"code": 503}}
        await http.post(at["control"], json=fault)
        unknown = await http.post(at["control"], json={**fault, "args": ["submit", "nonsense"]})
        await http.put(f"{at['control']}/manual", json=True)
        url = f"{at['url']}/{SCHNELL}"
        refused = await http.post(url, json={"prompt": "x"}, headers=KEY)
        made = (await http.post(url, json={"prompt": "x"}, headers=KEY)).json()
        await http.post(at["control"], json={"method": "finish", "args": [made["request_id"]]})
        jobs = (await http.get(f"{at['control']}/jobs")).json()["value"]
        bills = (await http.get(f"{at['control']}/bills")).json()["value"]
        hidden = await http.get(f"{at['control']}/_faults")

    assert (unknown.status_code, refused.status_code, hidden.status_code) == (400, 503, 404)
    assert [(job["id"], job["state"]) for job in jobs] == [(made["request_id"], "succeeded")]
    assert bills == {made["request_id"]: 3_000}
    paths = [json.loads(line)["path"] for line in calls.read_text().splitlines()]
    assert paths == [f"/{SCHNELL}", f"/{SCHNELL}"]


@pytest.mark.parametrize("way", ["signal", "closed input"])
async def test_it_ends_cleanly_when_told_or_left_alone(tmp_path: Path, way: str) -> None:
    async with running(tmp_path / "calls.jsonl") as (process, _):
        if way == "signal":
            process.send_signal(signal.SIGTERM)
        elif process.stdin is not None:
            process.stdin.close()
        assert await process.wait() == 0
