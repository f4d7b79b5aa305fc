"""Someone who makes pictures, and what passes between them and us."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.budget import Price
from core.catalogue import ModelSpec
from core.job import Remote
from core.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All a provider needs to make something, once."""

    job: str
    spec: ModelSpec
    work: Work
    inputs: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Bytes of the pictures that the work names, by content hash."""
    addresses: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where the provider finds those pictures once the order is prepared."""
    path: str = ""
    """What the provider calls the endpoint, its version in full, once the order is prepared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One sign of life of a remote job."""

    running: bool = False
    position: int | None = None
    done: int = 0
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a provider made, without the pictures that its adapter could not hand over."""

    images: tuple[bytes, ...]
    seeds: tuple[int | None, ...]
    """One per image, in the same order."""
    cost: int | None = None
    """Micro-dollars, when the provider says; None to settle what the catalogue says."""
    withheld: int = 0
    """How many more it made, and bills: blanked by its safety checker, or gone by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a free call found out about a key."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A message that a provider sent on its own, its signature found good."""

    id: str
    """The message's own name: the same again is a replay."""
    remote: str
    """The provider's name for the job that it is about."""


class Provider(Protocol):
    """Someone who makes pictures. `order` is the only method that can cost money."""

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        ...

    async def prepare(self, order: Order) -> Order:
        """Do beforehand, for free, all that may take long: upload pictures, look up versions."""
        ...

    async def order(self, order: Order) -> Remote:
        """Send the one paid order, prepared before; nothing comes between the call and its POST.

        Raises:
            InDoubt: it may have been taken all the same.
        """
        ...

    async def find(self, order: Order, since: datetime) -> tuple[Remote, ...]:
        """Search what was taken since then for this very order; oldest first.

        Two orders for the same thing cannot be told apart: whoever asks leaves out what is known.
        """
        ...

    async def recognise(self, order: Order, remote_id: str) -> Remote | None:
        """Look at the remote job of this name: is it this very order?"""
        ...

    async def verify(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Callback | None:
        """Check who signed a message and when; None for one that proves nothing.

        The names of `headers` are in lower case.
        """
        ...

    def follow(self, remote: Remote, look: asyncio.Event) -> AsyncIterator[Step]:
        """Tell how it goes until there is a result to fetch; `look` cuts a pause short."""
        ...

    async def result(self, remote: Remote, order: Order) -> Made:
        """Fetch what was made, or raise why not."""
        ...

    async def cancel(self, remote: Remote) -> bool:
        """Ask to stop; False where it is completed, and it may complete all the same."""
        ...

    async def check(self) -> Health:
        """Find out with a free call whether the key is good."""
        ...


@runtime_checkable
class PriceList(Protocol):
    """A provider that tells its prices."""

    async def prices(self, endpoints: Sequence[str]) -> tuple[Price, ...]:
        """Ask for the prices of endpoints, with a free call."""
        ...
