"""How long a provider's adapter waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Times in seconds, each the most for one act as a whole."""

    order: float = 30.0
    call: float = 15.0
    upload: float = 60.0
    download: float = 120.0
    silence: float = 45.0
    """A status stream says something every 15 s, be it a comment; three missed are enough."""
    stuck: float = 1800.0
    """Following ends here; the longest that either provider lets a picture run."""
    first_pause: float = 0.25
    longest_pause: float = 2.0
