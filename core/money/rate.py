"""How often one person may ask."""

FORGET = 1000
"""People remembered before those who wait for nothing are forgotten."""
MINUTE = 60.0
ROUNDING = 1e-6


class Rate:
    """So many asks a minute per person: all of them at once, or one after the other."""

    def __init__(self, per_minute: int) -> None:
        self._every = MINUTE / per_minute
        self._paid_until: dict[str, float] = {}
        self._told: dict[str, float] = {}

    def wait(self, person: str, now: float) -> float:
        """Count an ask at a monotonic time; return 0, or the seconds until one is taken again."""
        if len(self._paid_until) >= FORGET:
            self._paid_until = {one: at for one, at in self._paid_until.items() if at > now}
        until = max(now, self._paid_until.get(person, now)) + self._every
        if until > now + MINUTE + ROUNDING:
            return until - now - MINUTE
        self._paid_until[person] = until
        return 0.0

    def tells(self, person: str, now: float) -> bool:
        """Tell whether it is time, once a minute, to let a person know that they are too fast."""
        if len(self._told) >= FORGET:
            self._told = {one: at for one, at in self._told.items() if at > now - MINUTE}
        if self._told.get(person, now - MINUTE) > now - MINUTE:
            return False
        self._told[person] = now
        return True
