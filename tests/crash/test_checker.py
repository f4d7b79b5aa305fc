"""The checker finds what it is there to find: each trace is changed once, and it must object."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.crash.checker import check
from tests.crash.launcher import address_of
from tests.crash.people import People
from tests.crash.town import open_town

TELEGRAM, DISCORD = "telegram.json", "discord.json"


def rewrite(file: Path, change: Callable[[Any], None]) -> None:
    kept = json.loads(file.read_text(encoding="utf-8"))
    change(kept)
    file.write_text(json.dumps(kept), encoding="utf-8")


def repeat_line(file: Path, with_words: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    again = next(line for line in lines if with_words in line)
    file.write_text("\n".join([*lines, again, ""]), encoding="utf-8")


def send_later(file: Path) -> None:
    """Let the clean life send once more what an earlier one has noted as delivered."""
    lines = file.read_text(encoding="utf-8").splitlines()
    shown = json.loads(next(line for line in lines if "sendPhoto" in line))
    later = json.dumps({**shown, "sender": address_of(2)})
    file.write_text("\n".join([*lines, later, ""]), encoding="utf-8")


def run(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "data" / "studio.db")) as database, database:
        guards = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (guard,) in guards.fetchall():
            database.execute(f"DROP TRIGGER {guard}")
        assert database.execute(statement).rowcount


def _by_bot(seen: Any) -> bool:
    return bool(seen.get("caption") or seen.get("attachments"))


def drop_last(places: Any) -> None:
    next(shown for shown in places.values() if shown and _by_bot(shown[-1])).pop()


def show_twice(places: Any) -> None:
    shown = next(shown for shown in places.values() if shown and _by_bot(shown[-1]))
    shown.append(shown[-1])


def move(places: Any) -> None:
    for seen in [shown[-1] for shown in places.values() if shown and _by_bot(shown[-1])]:
        seen["chat"] = 0


def order_twice(kept: Any) -> None:
    kept["jobs"].append({**kept["jobs"][0], "id": "another"})


def bill_more(kept: Any) -> None:
    kept["bills"][next(iter(kept["bills"]))] += 1


def forget_line(places: Any) -> None:
    shown = next(shown for shown in places.values() if shown and _by_bot(shown[-1]))
    shown.append({**shown[-1], "content": "Drawing", "attachments": []})


def drop_end(places: Any) -> None:
    for shown in places.values():
        shown[:] = [each for each in shown if not _says(each, "Cancelled")]


def tell_everybody(places: Any) -> None:
    aside = [each for shown in places.values() for each in shown if _says(each, "Cancelling")]
    asked = next(shown for shown in places.values() if shown and _says(shown[0], "<@1>"))
    asked.extend(aside)


def _says(seen: Any, words: str) -> bool:
    return seen.get("content", "").startswith(words)


WRONGS: dict[str, Callable[[Path], None]] = {
    "never delivered": lambda at: rewrite(at / TELEGRAM, drop_last),
    "times, sent in": lambda at: rewrite(at / TELEGRAM, show_twice),
    "in another chat": lambda at: rewrite(at / TELEGRAM, move),
    "was noted in life 1 and sent in": lambda at: send_later(at / "calls-telegram.jsonl"),
    "stands 0 times on Discord": lambda at: rewrite(at / DISCORD, drop_last),
    "stands 2 times on Discord": lambda at: rewrite(at / DISCORD, show_twice),
    "told 0 times of the end": lambda at: rewrite(at / DISCORD, drop_end),
    "everybody sees who pressed": lambda at: rewrite(at / DISCORD, tell_everybody),
    "status lines left on Discord": lambda at: rewrite(at / DISCORD, forget_line),
    "nobody wanted": lambda at: rewrite(at / "fal.json", order_twice),
    "billed": lambda at: rewrite(at / "fal.json", bill_more),
    "posted more than once": lambda at: repeat_line(at / "calls-fal.jsonl", "X-Fal-Tags"),
    "kept 0 times": lambda at: run(at, "UPDATE inbox SET ask = replace(ask, 'zq-2-z', '')"),
    "never answered": lambda at: run(at, "UPDATE inbox SET handled_at = NULL WHERE id = 1"),
    "0 jobs of": lambda at: run(at, "UPDATE jobs SET request = request || 'x'"),
    "is still fetching": lambda at: run(at, "UPDATE jobs SET status = 'fetching'"),
    "is failed": lambda at: run(at, "UPDATE jobs SET status = 'failed'"),
    "booked": lambda at: run(at, "DELETE FROM ledger WHERE id = 1"),
    "still held": lambda at: run(at, "DELETE FROM ledger WHERE closing"),
    "promises not kept": lambda at: run(at, "UPDATE outbox SET outcome = 'given_up'"),
}


async def traces(folder: Path) -> None:
    async with open_town(folder) as town:
        people = People(town, Random(1))  # noqa: S311 - to be repeated, not to be secret
        await people.settle()
        async with town.life("discord defer, before:1") as life:
            await town.until(town.discord_listens, 30)
            await people.mention_and_cancel()
            assert await life.ends(30)
        async with town.life():
            await town.until(town.discord_listens, 30)
            await people.write()
            await people.slash()
            await people.write_nonsense()
            await town.until(town.nothing_owed, 30)
        assert await town.drain() == 0
        await people.leave()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told")
    asyncio.run(traces(folder))
    return folder


def test_what_all_ended_well_leaves_nothing_to_object_to(told: Path) -> None:
    assert check(told).wrong == []


@pytest.mark.parametrize("objection", WRONGS)
def test_a_changed_trace_is_objected_to(told: Path, tmp_path: Path, objection: str) -> None:
    shutil.copytree(told, tmp_path / "told")
    WRONGS[objection](tmp_path / "told")
    assert objection in "\n".join(check(tmp_path / "told").wrong)
