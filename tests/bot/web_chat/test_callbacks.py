"""What providers call back with wakes a job and no more; forgeries and replays do nothing."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.links import NOWHERE
from bot.web_chat.app import WebChat, create_app
from bot.web_chat.auth import Auth
from bot.web_chat.callbacks import MOST_BYTES, CalledBack
from bot.web_chat.server import serving
from core.job import Status
from core.ports import Message
from tests.core.worker.workshop import Market, Workshop, market, workshop_at

BOTH = pytest.mark.parametrize("name", ["fal", "replicate"])
FOR_EVER = 1_000_000
RARELY = (0.05, 30.0, 60.0)
LOST = "was lost. I am looking"


@dataclass(frozen=True)
class Scene:
    """A studio that can be called back by a provider, and by strangers."""

    here: Workshop
    shop: Market
    http: httpx.AsyncClient

    async def post(self, job: str, remote: str, flaw: str = "", body: bytes | None = None) -> int:
        """Call back as the provider does, or wrongly in the way of a flaw."""
        said = self.body(remote)
        headers = self.shop.emulator.sign(remote, said, flaw)
        path = f"/callbacks/{self.shop.name}/{job}"
        answer = await self.http.post(path, content=body or said, headers=headers)
        return answer.status_code

    def body(self, remote: str) -> bytes:
        field = "request_id" if self.shop.name == "fal" else "id"
        return f'{{"{field}": "{remote}", "status": "OK"}}'.encode()

    async def doubted(self, prompt: str = "a red fox") -> str:
        """Order something that is taken, its answer lost, and that no list shows."""
        self.shop.lose("accept_then_drop")
        self.shop.hide(FOR_EVER)
        job = await self.here.order(self.shop.name, prompt)
        await self.here.told(job, LOST)
        return job

    async def recorded(self, job: str) -> tuple[Message, ...]:
        """Wait until a result is in the history; the chat is told first."""
        async with asyncio.timeout(30):
            while True:
                async with self.here.studio.database.reading() as tx:
                    if found := await tx.history.messages_of_job(job):
                        return found

    async def used(self, job: str) -> tuple[str, ...]:
        async with self.here.studio.database.reading() as tx:
            return await tx.callbacks.of_job(job)


@asynccontextmanager
async def scene(
    folder: Path, name: str, rounds: Sequence[float] = RARELY, *, manual: bool = True
) -> AsyncGenerator[Scene]:
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    async with (
        market(name, f"{public}/callbacks") as shop,
        workshop_at(folder, shop.adapter, rounds=rounds) as here,
        httpx.AsyncClient(base_url=public, trust_env=False) as http,
    ):
        shop.emulator.manual = manual
        auth = Auth.open(folder / "web.key", here.studio.now)
        app = create_app(WebChat(here.studio, here.intake, here.messenger, auth, _ready, NOWHERE))
        async with serving(app, here.messenger, "127.0.0.1", port):
            yield Scene(here, shop, http)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


async def _ready() -> dict[str, object]:
    return {}


@BOTH
async def test_a_call_back_finds_what_no_list_shows(tmp_path: Path, name: str) -> None:
    async with scene(tmp_path, name) as it:
        job = await it.doubted()
        (remote,) = it.shop.emulator.jobs
        it.shop.emulator.finish(remote.id)
        await it.here.shown(job)
        assert it.shop.paid_posts() == 1
        assert await it.here.spent() == it.shop.emulator.billed > 0


@BOTH
async def test_a_call_back_that_comes_before_the_answer_is_kept(tmp_path: Path, name: str) -> None:
    async with scene(tmp_path, name, manual=False) as it:
        it.shop.lose("accept_then_hang")
        it.shop.hide(FOR_EVER)
        job = await it.here.order(name)
        await it.here.shown(job)
        assert await it.used(job) == (it.shop.emulator.jobs[0].id,)
        assert it.shop.paid_posts() == 1


@BOTH
async def test_the_same_call_back_again_and_again_delivers_once(tmp_path: Path, name: str) -> None:
    async with scene(tmp_path, name, manual=False) as it:
        it.shop.emulator.fault("webhook", "twice")
        job = await it.here.order(name)
        await it.here.shown(job)
        for _ in range(3):
            assert await it.post(job, it.shop.emulator.jobs[0].id) == 204
        assert len(await it.recorded(job)) == 1
        async with it.here.studio.database.reading() as tx:
            assert await tx.outbox.due(it.here.studio.now(), ["web"], 9) == ()
        assert await it.here.spent() == it.shop.emulator.billed


@BOTH
@pytest.mark.parametrize("flaw", ["bad_signature", "unknown_key", "old_timestamp"])
async def test_a_forgery_changes_nothing(tmp_path: Path, name: str, flaw: str) -> None:
    async with scene(tmp_path, name) as it:
        job = await it.doubted()
        searched = it.shop.searches()
        assert await it.post(job, it.shop.emulator.jobs[0].id, flaw) == 401
        assert await it.post(job, "r1", body=it.body("r2")) == 401
        assert await it.used(job) == ()
        assert it.shop.searches() <= searched + 1
        assert (await it.here.job(job)).status is Status.IN_DOUBT


@BOTH
async def test_a_replayed_message_is_used_once(tmp_path: Path, name: str) -> None:
    async with scene(tmp_path, name) as it:
        job = await it.doubted()
        body = it.body("unknown-remote")
        headers = it.shop.emulator.sign("unknown-remote", body)
        path = f"/callbacks/{name}/{job}"
        answers = [await it.http.post(path, content=body, headers=headers) for _ in range(100)]
        assert {answer.status_code for answer in answers} == {204}
        assert await it.used(job) == ("unknown-remote",)
        assert (await it.here.job(job)).status is Status.IN_DOUBT


@BOTH
async def test_a_message_about_one_job_does_not_reach_another(tmp_path: Path, name: str) -> None:
    async with scene(tmp_path, name) as it:
        ours = await it.doubted("a red fox")
        other = await it.doubted("a boat")
        fox, boat = it.shop.emulator.jobs
        assert await it.post(other, fox.id) == 204
        assert await it.post("no-such-job", fox.id) == 204
        it.shop.emulator.finish(boat.id)
        await it.here.shown(other)
        assert (await it.here.job(ours)).status is Status.IN_DOUBT
        remote = (await it.here.job(other)).remote
        assert remote is not None
        assert remote.id == boat.id


@BOTH
async def test_a_call_back_after_a_cancellation_changes_nothing(tmp_path: Path, name: str) -> None:
    async with scene(tmp_path, name) as it:
        job = await it.here.order(name)
        await it.here.reach(job, Status.SUBMITTED)
        (remote,) = it.shop.emulator.jobs
        await it.here.say("cancel", job=job)
        await it.here.told(job, "Cancelled")
        assert await it.post(job, remote.id) == 204
        assert (await it.here.job(job)).status is Status.CANCELLED
        assert await it.here.spent() == 0


async def test_what_is_too_long_or_for_nobody_is_refused(tmp_path: Path) -> None:
    async with scene(tmp_path, "fal") as it:

        async def endless() -> AsyncGenerator[bytes]:
            for _ in range(MOST_BYTES // 65536 + 1):
                yield bytes(65536)

        answer = await it.http.post("/callbacks/fal/j", content=endless())
        assert answer.status_code == 413
        assert (await it.http.post("/callbacks/nobody/j", content=b"{}")).status_code == 404
        assert (await it.http.post("/callbacks/sketch/j", content=b"{}")).status_code == 401
        assert (await it.http.get("/callbacks/fal/j")).status_code == 405


async def test_bodies_that_drip_are_cut_off_and_keep_no_more_than_their_room(
    tmp_path: Path,
) -> None:
    port, app = free_port(), FastAPI()
    async with market("fal") as shop, workshop_at(tmp_path, shop.adapter) as here:
        called = CalledBack(here.studio, here.worker.wake, patience=0.5, at_once=2)
        app.post("/callbacks/{provider}/{job}")(called)
        async with serving(app, here.messenger, "127.0.0.1", port):
            answers = await asyncio.gather(*(dripped(port) for _ in range(3)))
            again = await dripped(port)
    assert sorted(answers) == [408, 408, 503]
    assert again == 408


async def dripped(port: int) -> int:
    """Send a byte now and then until the answer is there and the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /callbacks/fal/j HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        answered = group.create_task(reader.readline())
        while not answered.done():
            writer.write(b"{")
            await asyncio.wait({answered}, timeout=0.01)
        with suppress(ConnectionResetError):  # what came after the answer was not read
            await reader.read()
        writer.close()
    return int(answered.result().split()[1])


async def test_where_the_keys_cannot_be_asked_for_the_provider_is_to_try_again(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, "replicate") as it:
        it.shop.emulator.key = "another"
        assert [await it.post("j", "r1") for _ in range(2)] == [503, 503]
