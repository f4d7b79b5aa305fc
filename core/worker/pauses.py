"""How long an act at a provider waits before it is tried again."""

from collections.abc import Sequence

from core.errors import ProviderError, RateLimited

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries of a free call, or of an order that was surely not taken."""


def pause(error: ProviderError, pauses: Sequence[float], tries: int) -> float:
    """Tell how many seconds to wait after so many tries; raise the error when none is left."""
    if not error.retryable or tries > len(pauses):
        raise error
    return error.retry_after if isinstance(error, RateLimited) else pauses[tries - 1]
