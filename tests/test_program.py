"""The whole program, as an operator runs it."""

import asyncio
import hashlib
import io
import json
import os
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from bot.lock import only_one
from tests.bot.telegram_chat.home import ANNA, FORUM
from tests.dialogs.dialog import come_true
from tests.dialogs.telegram import TelegramDialog
from tests.dialogs.web import page
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN
from tests.emulators.fal import FalEmulator
from tests.emulators.replicate import ReplicateEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.program import Ended, Program, end

KEY = "canary-key:7c0ffee5/and+more="
BOT = "1001:canary-token-7c0ffee5"
SECRETS = (KEY, BOT, TOKEN)


@pytest.fixture
async def fal() -> AsyncIterator[FalEmulator]:
    async with FalEmulator() as emulator:
        emulator.key = KEY
        yield emulator


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator(BOT) as emulator:
        emulator.user(ANNA, "Anna")
        emulator.group(FORUM, "Studio", topics=True)
        yield emulator


@pytest.fixture
def services(fal: FalEmulator, telegram: TelegramEmulator) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": BOT,
        "TELEGRAM_API_URL": telegram.url,
        "NANO_BANANA_OPERATORS": f"telegram:{ANNA}",
        **at_fal(fal),
    }


def at_fal(fal: FalEmulator, key: str = KEY) -> dict[str, str]:
    places = {f"FAL_{name}_URL": fal.url for name in ("QUEUE", "REST", "CDN", "API")}
    return {"FAL_KEY": key, **places}


def read(log: Path) -> str:
    return log.read_text()


def assert_no_secret(*texts: str) -> None:
    for secret in SECRETS:
        for written in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            assert not [text for text in texts if written in text]


# --- serve -------------------------------------------------------------------------------------


async def test_it_starts_with_nothing_set_keeps_its_files_to_itself_and_ends_when_told(
    tmp_path: Path,
) -> None:
    async with Program(tmp_path).serving() as studio:
        for on in ("on   surface  web", "on   provider sketch"):
            assert on in studio.banner
        for name in ("TELEGRAM_BOT_TOKEN", "DISCORD_BOT_TOKEN", "FAL_KEY", "REPLICATE_API_TOKEN"):
            assert f"(set {name}" in studio.banner
        async with page(studio.url, studio.link) as chat:
            await chat.say("a red fox")
            await chat.expect(pictures=1)
            assert (await chat.client.get("/readyz")).json()["providers"]["sketch"]["ok"]
        second = await Program(tmp_path).run("serve")
        async with asyncio.timeout(10):
            assert await studio.end(signal.SIGTERM) == 0
    assert (second.code, second.text) == (2, "")
    assert second.err.startswith("NANO_BANANA_DATA_DIR: another studio is running on ")
    assert open_to_others(tmp_path / "data") == []


def open_to_others(folder: Path) -> list[str]:
    kept = [folder, *folder.rglob("*")]
    assert len(kept) > 5
    return [str(path) for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NANO_BANANA_WEB_PORT", "70000"),
        ("NANO_BANANA_OPERATORS", "anna"),
        ("NANO_BANANA_DEFAULT_MODEL", "skech"),
        ("NANO_BANANA_BUDGET_PER_DAY", "-1"),
        ("NANO_BANANA_DATA_DIR", "/dev/null/data"),
        ("FAL_KEY", f"{KEY}\u2019"),
    ],
)
async def test_a_wrong_setting_stops_the_start_by_its_name(
    tmp_path: Path, variable: str, value: str
) -> None:
    settings = {"FAL_KEY": KEY, variable: value}
    ended = await Program(tmp_path, settings).run("serve")
    assert (ended.code, ended.text) == (2, "")
    assert ended.err.startswith(f"{variable}: ")
    assert len(ended.err.splitlines()) == 1
    assert_no_secret(ended.err)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_during_the_start_ends_it_well(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = await Program(tmp_path, {"PYTHONPROFILEIMPORTTIME": "1"}).begin("serve")
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while b"bot.settings" not in await process.stderr.readline():
            assert not process.stderr.at_eof()
        process.send_signal(number)
    ended = await end(process)
    assert (ended.code, ended.text) == (0, "")
    assert "bot.serve" not in ended.err


async def test_a_wrong_token_stops_the_start_by_its_name(
    tmp_path: Path, telegram: TelegramEmulator
) -> None:
    telegram.token = "1001:another"
    settings = {"TELEGRAM_BOT_TOKEN": BOT, "TELEGRAM_API_URL": telegram.url}
    refused = await Program(tmp_path, settings).run("serve")
    async with DiscordEmulator("another") as discord:
        settings = {
            "DISCORD_BOT_TOKEN": TOKEN,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
        }
        also = await Program(tmp_path, settings).run("serve")
    assert refused.err.splitlines()[-1].startswith("TELEGRAM_BOT_TOKEN: ")
    assert also.err.splitlines()[-1].startswith("DISCORD_BOT_TOKEN: ")
    assert (refused.code, also.code) == (2, 2)
    assert_no_secret(refused.text, refused.err, also.text, also.err)


async def test_a_killed_studio_brings_the_picture_to_its_topic_once_and_pays_once(
    tmp_path: Path, fal: FalEmulator, telegram: TelegramEmulator, services: dict[str, str]
) -> None:
    fal.manual = True
    foxes = telegram.topic(FORUM, "Foxes")
    chat = TelegramDialog(telegram, ANNA, FORUM, foxes)
    async with Program(tmp_path, services).serving() as studio:
        await chat.say("/imagine@nano_banana_bot a red fox --model flux-schnell")
        await come_true(lambda: fal.called("GET", "/status/stream"))
        assert await studio.end(signal.SIGKILL) == -signal.SIGKILL
    fal.finish(fal.jobs[0].id)
    async with Program(tmp_path, services).serving() as studio:
        shown = await chat.expect("a red fox", pictures=1)
        async with page(studio.url, studio.link) as owner:
            await chat.say("/usage@nano_banana_bot")
            await chat.expect("$0.003 spent")
            ready = (await owner.client.get("/readyz")).json()
        assert await studio.end(signal.SIGTERM) == 0
    assert ready["surfaces"]["telegram"]["ok"]
    assert chat.pictures == list(shown.pictures)
    assert [seen for seen in telegram.messages(FORUM) if seen.thread != foxes] == []
    assert (len(fal.called("POST", "/flux/schnell")), fal.billed) == (1, 3_000)
    assert_no_secret(studio.banner, read(studio.log), json.dumps(ready))
    assert events(studio.log, fal.jobs[0].headers["X-Fal-Tags"].removeprefix("job=")) == [
        *("job_taken", "job_ordered"),  # by the first life
        *("job_ended", "job_told"),
    ]


def events(log: Path, job: str) -> list[str]:
    """List what a log says of a job."""
    lines = [json.loads(line) for line in read(log).splitlines() if line.startswith("{")]
    return [line["event"] for line in lines if line.get("job") == job]


async def test_a_picture_on_its_way_at_the_end_is_not_sent_again_at_the_next_start(
    tmp_path: Path, telegram: TelegramEmulator, services: dict[str, str]
) -> None:
    chat = TelegramDialog(telegram, ANNA, FORUM, telegram.topic(FORUM, "Foxes"))
    telegram.fault("sendPhoto", "slow", seconds=2)
    async with Program(tmp_path, services).serving() as studio:
        await chat.say("/imagine@nano_banana_bot a red fox --model sketch")
        await chat.expect(pictures=1)
        assert await studio.end(signal.SIGTERM) == 0
    async with Program(tmp_path, services).serving():
        await chat.say("/imagine@nano_banana_bot a blue fox --model sketch")
        await chat.expect("a blue fox", pictures=1)
        assert len(chat.pictures) == 2


async def test_services_that_hang_do_not_keep_it_from_ending(
    tmp_path: Path, fal: FalEmulator, telegram: TelegramEmulator, services: dict[str, str]
) -> None:
    fal.fault("submit", "accept_then_hang")
    for method in ("sendMessage", "editMessageText"):
        telegram.fault(method, "hang", times=99)
    chat = TelegramDialog(telegram, ANNA, FORUM, telegram.topic(FORUM, "Foxes"))

    async def talk() -> None:
        while True:
            await chat.say("/help@nano_banana_bot")
            await asyncio.sleep(0.5)  # the pace of somebody who goes on asking

    async with Program(tmp_path, services).serving() as studio:
        await chat.say("/imagine@nano_banana_bot a red fox --model flux-schnell")
        await come_true(lambda: bool(fal.jobs))
        async with asyncio.TaskGroup() as group:
            talking = group.create_task(talk())
            async with asyncio.timeout(10):
                assert await studio.end(signal.SIGTERM) == 0
            talking.cancel()


async def test_what_goes_wrong_at_the_services_is_logged_without_a_secret(
    tmp_path: Path, fal: FalEmulator, telegram: TelegramEmulator, services: dict[str, str]
) -> None:
    quoted = {"detail": f"bad key {KEY} at https://x.test/?key={quote(KEY)}"}
    chat = TelegramDialog(telegram, ANNA, FORUM, telegram.topic(FORUM, "Foxes"))
    async with Program(tmp_path, services).serving() as studio:
        telegram.fault("getUpdates", "status", code=502, times=2)
        telegram.fault("sendMessage", "drop_before")
        fal.fault("submit", "status", code=422, body=quoted)
        await chat.say("/imagine@nano_banana_bot a red fox --model flux-schnell")
        told = await chat.expect("did not take the order")
        fal.fault("result", "failed")
        await chat.say("/imagine@nano_banana_bot a red fox --model flux-schnell")
        failed = await chat.expect("could not finish this")
    log = read(studio.log)
    assert "job_ended" in log
    assert_no_secret(studio.banner, log, told.text, failed.text)


# --- the terminal ------------------------------------------------------------------------------


async def test_doctor_tells_a_good_key_from_a_bad_one(
    tmp_path: Path, fal: FalEmulator, services: dict[str, str]
) -> None:
    async with AsyncExitStack() as stack:
        replicate = await stack.enter_async_context(ReplicateEmulator())
        discord = await stack.enter_async_context(DiscordEmulator())
        services |= {
            "REPLICATE_API_TOKEN": replicate.key,
            "REPLICATE_BASE_URL": replicate.url,
            "DISCORD_BOT_TOKEN": TOKEN,
            "DISCORD_API_URL": discord.api_url,
        }
        bare = await Program(tmp_path).run("doctor")
        good = await Program(tmp_path, services).run("doctor")
        fal.key = "another"
        bad = await Program(tmp_path, services).run("doctor")
    assert [marks(one) for one in (bare, good, bad)] == [
        {"settings": "✓", "data": "✓", "sketch": "✓"}
        | dict.fromkeys(("fal", "replicate", "telegram", "discord"), "·"),
        dict.fromkeys(
            ("settings", "data", "sketch", "fal", "replicate", "telegram", "discord"), "✓"
        ),
        marks(good) | {"fal": "✗"},
    ]
    assert [one.code for one in (bare, good, bad)] == [0, 0, 1]
    assert "Is FAL_KEY one of fal.ai/dashboard/keys" in " ".join(bad.text.split())
    assert good.err == ""
    assert fal.jobs == []
    assert_no_secret(good.text, good.err, bad.text, bad.err)


def marks(ended: Ended) -> dict[str, str]:
    rows = [line.split() for line in ended.text.splitlines()]
    return {row[1]: row[0] for row in rows if row and row[0] in {"✓", "·", "✗"}}


async def test_json_is_one_object_with_everything_about_the_pictures(tmp_path: Path) -> None:
    wish = ("--prompt", "a red fox", "--seed", "0", "--count", "2", "--aspect-ratio", "3:2")
    ended = await Program(tmp_path).run("generate", *wish, "--out", "made", "--json")
    told = json.loads(ended.text)
    assert (ended.code, ended.err, sorted(told)) == (0, "", ["cost", "job", "pictures"])
    assert told["cost"] == 0
    assert [picture["seed"] for picture in told["pictures"]] == [0, 1]
    for picture in told["pictures"]:
        data = (tmp_path / picture["path"]).read_bytes()
        assert sorted(picture) == ["height", "path", "recipe", "seed", "sha256", "width"]
        assert picture["sha256"] == hashlib.sha256(data).hexdigest()
        assert (picture["width"], picture["height"]) == Image.open(io.BytesIO(data)).size
        assert picture["recipe"]["work"]["prompt"] == "a red fox"


async def test_json_of_an_answer_in_words_is_one_object_and_errors_stay_beside_it(
    tmp_path: Path,
) -> None:
    words = await Program(tmp_path).run("models")
    told = await Program(tmp_path).run("models", "--json")
    wrong = await Program(tmp_path).run("show", "--job", "nothing", "--json")
    assert (told.code, told.err, json.loads(told.text)) == (0, "", {"text": words.text.rstrip()})
    assert (wrong.code, wrong.out) == (1, b"")
    assert wrong.err.startswith("I find no job nothing here.")
    assert len(wrong.err.splitlines()) == 1


async def test_a_quote_stands_beside_the_json_that_follows_a_yes(
    tmp_path: Path, fal: FalEmulator
) -> None:
    program = Program(tmp_path, {**at_fal(fal), "NANO_BANANA_CONFIRM_ABOVE": "0"})
    wish = ("generate", "a red fox", "--model", "flux-schnell", "--json")
    ended = await program.run(*wish, "--yes")
    assert (ended.code, json.loads(ended.text)["cost"]) == (0, 0.003)
    assert "$0.003" in ended.err
    refused = await program.run(*wish)
    assert (refused.code, refused.out, len(fal.jobs)) == (1, b"", 1)


async def test_one_picture_goes_into_a_pipe_and_its_prompt_comes_out_of_one(
    tmp_path: Path,
) -> None:
    piped = await Program(tmp_path).run("generate", "--seed", "7", "-", stdin=b"a red fox\n")
    named = await Program(tmp_path).run("generate", "a red fox", "--seed", "7", "--json")
    assert piped.code == 0
    assert Image.open(io.BytesIO(piped.out)).format == "PNG"
    assert hashlib.sha256(piped.out).hexdigest() == json.loads(named.text)["pictures"][0]["sha256"]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (("generate", "a fox --sed 7"), "I do not know --sed. Try --seed."),
        (("generate",), "What shall I draw?"),
        (("generate", "a fox", "--count", "0"), "count goes from 1 to 10."),
        (("show", "--job", "nothing"), "I find no job nothing here."),
        (("show", "nothing"), "nothing here. nano-banana history lists this chat's"),
    ],
)
async def test_a_failure_is_one_line_beside_the_output_and_a_failing_end(
    tmp_path: Path, wish: tuple[str, ...], said: str
) -> None:
    ended = await Program(tmp_path).run(*wish)
    assert (ended.code, ended.out) == (1, b"")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


async def test_bytes_that_are_no_text_are_mended_before_they_are_kept(tmp_path: Path) -> None:
    broken = b"a \xff fox\0"
    piped = await Program(tmp_path).run("generate", "-", "--json", stdin=broken)
    typed = await Program(tmp_path).run("generate", os.fsdecode(b"a \xff fox"), "--json")
    wrong = await Program(tmp_path).run("generate", "a fox", "--model", os.fsdecode(b"\xff"))
    for ended in (piped, typed):
        assert (ended.code, ended.err) == (0, "")
        assert json.loads(ended.text)["pictures"][0]["recipe"]["work"]["prompt"] == "a \ufffd fox"
    assert (wrong.code, len(wrong.err.splitlines())) == (1, 1)
    assert "There is no model \ufffd here." in wrong.err
    image = tmp_path / os.fsdecode(b"50% \xff.png")
    Image.new("RGB", (64, 64)).save(image)
    edited = await Program(tmp_path).run("edit", "at night", "--image", str(image), "--json")
    assert (edited.code, edited.err) == (0, "")


async def test_what_a_killed_terminal_left_is_finished_beside_the_next_picture(
    tmp_path: Path, fal: FalEmulator
) -> None:
    fal.manual = True
    program = Program(tmp_path, at_fal(fal))
    killed = await program.begin("generate", "a red fox", "--model", "flux-schnell")
    await come_true(lambda: fal.called("GET", "/status/stream"))
    killed.kill()
    await killed.communicate()
    left = await program.run("jobs")
    fal.finish(fal.jobs[0].id)
    following = await program.run("generate", "a blue fox", "--model", "sketch")
    assert (left.code, left.err) == (0, "")
    assert "submitted, a red fox" in left.text
    assert Image.open(io.BytesIO(following.out)).format == "PNG"
    away, _, file = following.err.strip().partition("\n")
    assert away == "Finished while you were away:"
    with Image.open(tmp_path / file.strip()) as fox:
        assert fox.format == "JPEG"
    assert (len(fal.called("POST", "/flux/schnell")), fal.billed) == (1, 3_000)


async def test_a_failed_order_is_told_in_one_line_without_the_key(
    tmp_path: Path, fal: FalEmulator
) -> None:
    fal.key = "another"
    program = Program(tmp_path, at_fal(fal))
    ended = await program.run("generate", "a fox", "--model", "flux-schnell")
    assert (ended.code, ended.out) == (1, b"")
    assert "does not accept the studio's key" in ended.err
    assert_no_secret(ended.err)


@pytest.mark.parametrize(
    ("word", "said"), [("--help", "generate"), ("serve", "another studio is running on")]
)
async def test_help_and_a_refused_second_start_load_nothing_heavy(
    tmp_path: Path, word: str, said: str
) -> None:
    heavy = {"sqlalchemy", "telegram", "discord", "PIL", "numpy", "fastapi", "httpx", "obstore"}
    with only_one(tmp_path / "data"):
        ended = await Program(tmp_path, {"PYTHONPROFILEIMPORTTIME": "1"}).run(word)
    loaded = {line.rpartition("|")[2].strip() for line in ended.err.splitlines()}
    assert said in ended.text + ended.err
    assert "click" in loaded
    assert not heavy & loaded
