"""The table of faults as values: every cell is one test."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("table.toml")
FOR_EVER = 1000
OWN = frozenset({"says", "wire", "at", "script", "slow"})
"""The fields of a fault that are not values for an emulator."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, on the wire or in a service."""

    says: str
    wire: str = ""
    at: int = 0
    script: str = ""
    slow: bool = False
    """Whether only a deadline ends it."""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Promise:
    """How it ends."""

    says: str
    ends: str
    ledger: str
    hears: tuple[str, ...] = ()
    """What the web chat is told of the job, in order."""
    posts: int = 1
    shown: int = 1
    """How often the pictures stand in the chat, at most."""


@dataclass(frozen=True)
class Cell:
    """One fault of one dependency in one phase, and what is promised."""

    dependency: str
    phase: str
    fault: Fault
    fault_name: str
    promise: Promise
    promise_name: str
    hears: tuple[str, ...]
    posts: int
    times: int
    """How often it goes wrong; FOR_EVER until it is mended."""

    @property
    def id(self) -> str:
        """Name the cell."""
        return f"{self.dependency}-{self.phase}-{self.fault_name}"


def cells(*dependencies: str) -> list[Cell]:
    """List the cells of these dependencies, or of all, in the order of the table."""
    return [cell for cell in _all() if cell.dependency in dependencies or not dependencies]


def _all() -> Iterator[Cell]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    faults = {name: _fault(**entry) for name, entry in table["fault"].items()}
    promises = {name: _promise(**entry) for name, entry in table["promise"].items()}
    for row in table["row"]:
        promise = promises[row["promise"]]
        for dependency in row["dependency"]:
            for name in row["faults"]:
                yield Cell(
                    dependency=dependency,
                    phase=row["phase"],
                    fault=faults[name],
                    fault_name=name,
                    promise=promise,
                    promise_name=row["promise"],
                    hears=tuple(row.get("hears", promise.hears)),
                    posts=row.get("posts", promise.posts),
                    times=FOR_EVER if row.get("lasting") else row.get("times", 1),
                )


def _fault(**entry: Any) -> Fault:
    values = {name: value for name, value in entry.items() if name not in OWN}
    own = {name: value for name, value in entry.items() if name in OWN}
    return Fault(**own, values=values)


def _promise(*, hears: Sequence[str] = (), **entry: Any) -> Promise:
    return Promise(hears=tuple(hears), **entry)
