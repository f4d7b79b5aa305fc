"""The circuit breaker of a provider: who is failing is left alone, and asked for free how it is."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import structlog

from core import metrics
from core.errors import InDoubt, ProviderDenied, ProviderError, RateLimited
from core.ports import Health, Provider

log = structlog.get_logger(__name__)


class Circuit(StrEnum):
    """How things stand with a provider."""

    CLOSED = "closed"
    FAILING = "failing"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to leave a provider alone, and for how many seconds."""

    failures: int = 5
    """In a row."""
    first_pause: float = 15.0
    longest_pause: float = 300.0
    """Each pause after which nothing works yet is twice as long as the one before."""


class Breaker:
    """Counts what a provider does; its free check closes a circuit that failures opened.

    One that a denial opened it does not: whether an account has credit only an order finds out. So
    orders are let go one at a time, each after the free check, until one is taken.
    """

    def __init__(self, provider: Provider, limits: Limits) -> None:
        self._provider = provider
        self._limits = limits
        self._failures = 0
        self._pause = limits.first_pause
        self._until = 0.0
        self._probing = asyncio.Lock()
        self._trying = False
        self.circuit = Circuit.CLOSED
        self.name = provider.name
        self.news = asyncio.Queue[ProviderDenied | None]()
        """Every refusal of the key or the account; None for an order taken."""

    @property
    def is_open(self) -> bool:
        """Whether nothing may be ordered now."""
        return self.circuit is not Circuit.CLOSED

    async def wait(self) -> float:
        """Tell how many seconds an order has to wait; 0 when it may go. May ask how things are."""
        async with self._probing:
            if self.is_open and self._left() <= 0 and await self._probe():
                return 0.0
            return max(self._left(), 0.0) if self.is_open else 0.0

    @contextmanager
    def counting(self) -> Generator[None]:
        """Learn from how a call to the provider goes."""
        try:
            yield
        except ProviderDenied as error:
            self.news.put_nowait(error)
            self._open(Circuit.DENIED)
            raise
        except ProviderError as error:
            self._failed(error)
            raise
        self._failures = 0
        self._pause = self._limits.first_pause

    def took_order(self, *, trial: bool) -> None:
        """Note that an order was taken; one that was sent before a refusal says nothing of it.

        `trial` says that the circuit was open when it was sent.
        """
        if trial and self._trying:
            self._close()
        if not self.is_open:
            self.news.put_nowait(None)

    async def check(self) -> Health:
        """Find out for free how the provider is; an account that refuses orders is not well."""
        if self.circuit is Circuit.DENIED and self._left() > 0:
            return Health(ok=False, detail="error.provider_denied")
        return await self._provider.check()

    def _failed(self, error: ProviderError) -> None:
        """Count what speaks of the provider, not of the order."""
        if isinstance(error, RateLimited):
            return  # it is well, and says when
        if not (error.retryable or isinstance(error, InDoubt)):
            self._failures = 0
            return
        self._failures += 1
        if self._failures >= self._limits.failures and not self.is_open:
            self._open(Circuit.FAILING)

    def _open(self, circuit: Circuit) -> None:
        """Leave the provider alone; say so once, where the operator looks."""
        self._trying = False
        if circuit is self.circuit:
            return
        level = log.error if circuit is Circuit.DENIED else log.warning
        level(f"provider_{circuit}", provider=self.name, seconds=round(self._pause))
        self.circuit = circuit
        metrics.left_alone.labels(self.name).set(1)
        self._rest()

    async def _probe(self) -> bool:
        """Ask how things are; tell whether the order that waits may go."""
        health = await self._provider.check()
        self._trying = health.ok and self.circuit is Circuit.DENIED
        if health.ok and not self._trying:
            self._close()
        else:
            self._rest()
        return health.ok

    def _close(self) -> None:
        log.info("provider_works_again", provider=self.name)
        self.circuit = Circuit.CLOSED
        metrics.left_alone.labels(self.name).set(0)
        self._failures = 0
        self._trying = False

    def _rest(self) -> None:
        self._until = asyncio.get_running_loop().time() + self._pause
        self._pause = min(self._pause * 2, self._limits.longest_pause)

    def _left(self) -> float:
        return self._until - asyncio.get_running_loop().time()
