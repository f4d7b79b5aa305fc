"""What the services, the people and the database say, and what a checker makes of it."""

import json
import sqlite3
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.crash.launcher import life_at

Json = Mapping[str, Any]

SHOWING = ("sendPhoto", "sendMediaGroup", "sendDocument")
SAYING = ("sendMessage",)

NOTED = "SELECT job, closed_at FROM outbox WHERE ending = 'done' AND outcome = 'delivered'"


@dataclass
class Verdict:
    """What is wrong, and what was counted on the way."""

    wrong: list[str] = field(default_factory=list[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    in_doubt: list[str] = field(default_factory=list[str])

    def expect(self, truth: object, otherwise: str) -> None:
        if not truth:
            self.wrong.append(otherwise)

    def told(self) -> str:
        counted = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return "\n  ".join([counted, *self.wrong])


@dataclass(frozen=True)
class Evidence:
    """What the services, the people and the database say."""

    folder: Path

    def lines(self, name: str) -> list[Json]:
        file = self.folder / f"{name}.jsonl"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    def kept(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    def rows(self, query: str) -> list[dict[str, Any]]:
        file = self.folder / "data" / "studio.db"
        with closing(sqlite3.connect(file)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query)]

    @cached_property
    def asks(self) -> list[Json]:
        return self.lines("asks")

    @cached_property
    def inbox(self) -> list[Json]:
        return [{**row, "said": json.loads(row["ask"])} for row in self.rows("SELECT * FROM inbox")]

    @cached_property
    def jobs(self) -> list[Json]:
        rows = self.rows("SELECT * FROM jobs")
        documents = ("work", "address")
        return [{**row, **{name: json.loads(row[name]) for name in documents}} for row in rows]

    @cached_property
    def telegram(self) -> list[Json]:
        """What the bot said there and still stands."""
        chats: Json = self.kept("telegram")
        return [each for chat in chats.values() for each in chat if each["by_bot"]]

    @cached_property
    def discord(self) -> list[Json]:
        channels: Json = self.kept("discord")
        return [
            {**each, "channel": channel}
            for channel, messages in channels.items()
            for each in messages
            if each["author_id"] == "1"
        ]

    @cached_property
    def open(self) -> set[str]:
        """The channels in which people have asked: everybody reads them."""
        return {ask["chat"] for ask in self.asks if ask["platform"] == "discord" and "chat" in ask}

    @cached_property
    def ends(self) -> list[float]:
        return [end["at"] for end in self.lines("ends")]

    @cached_property
    def shown_in_telegram(self) -> list[Json]:
        return [one for one in self.lines("calls-telegram") if _method(one) in SHOWING]

    @cached_property
    def said_in_telegram(self) -> list[Json]:
        return [one for one in self.lines("calls-telegram") if _method(one) in SAYING]

    @cached_property
    def followed_up(self) -> list[Json]:
        """What was added to answers on Discord: the one kind of message that takes no nonce."""
        calls = self.lines("calls-discord")
        return [one for one in calls if one["method"] == "POST" and "/webhooks/" in one["path"]]

    def lives_that_sent(self, calls: Iterable[Json], words: str) -> set[int]:
        """Name the lives that sent these words, by the address that each speaks from."""
        return {life_at(one["sender"]) for one in calls if words in (one["body"] or "")}

    @cached_property
    def noted(self) -> Mapping[str, int]:
        """Which life has noted that a done job is delivered: no two live at once."""
        return {row["job"]: bisect(self.ends, row["closed_at"] / 1e6) for row in self.rows(NOTED)}


def _method(call: Json) -> str:
    return call["path"].rpartition("/")[2]
