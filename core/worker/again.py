"""When to send again what a platform did not take."""

from core.errors import DeliveryFailed

MOST_TRIES = 34
"""Refusals before a message is given up: with the waits below, about a day."""
MOST_UNHEARD = 2
"""Tries before a message that may well be there is sent no more: one copy too many is enough."""
LONGEST = 3600.0
MOST_ASKED = 86_400.0
"""Seconds that a platform may ask to wait and is obeyed."""
AWAY = 10.0
"""Seconds between two tries to reach a platform that does not answer."""
DOUBLINGS = 12
"""From a second to more than the longest wait."""


def again(error: DeliveryFailed, tries: int, *, repeated: bool = False) -> float | None:
    """Tell in how many seconds to try again after so many refusals; None when no way is left.

    `repeated` says that the try before ended in the same way.
    """
    most = MOST_UNHEARD if error.unheard and repeated else MOST_TRIES
    if error.lasting or tries >= most:
        return None
    return max(min(error.retry_after, MOST_ASKED), later(tries))


def later(tries: int) -> float:
    """Tell how many seconds lie between a try and the next, after so many."""
    return min(2.0 ** min(tries, DOUBLINGS), LONGEST)


def away(tries: int) -> float:
    """Tell in how many seconds to look again for a platform that did not answer so many times."""
    return min(AWAY, 0.5 * 2.0 ** min(tries, DOUBLINGS))
