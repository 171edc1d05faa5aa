"""How much a caller may ask for.

Receives a caller and a number of events. Gives what is left, or the seconds to wait. A bucket that fills steadily and
holds one second's worth. Headers: draft-ietf-httpapi-ratelimit-headers.
"""

from collections.abc import Callable


class RateLimit:
    """One bucket for each caller."""

    def __init__(self, per_s: int, clock: Callable[[], float]) -> None:
        """`clock` gives seconds on any steady clock."""
        self.per_s = per_s
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str, events: int) -> int:
        """Takes from the bucket; answers what is left, negative where it was not enough and nothing was taken."""
        now = self._clock()
        left, at = self._buckets.get(caller, (float(self.per_s), now))
        left = min(float(self.per_s), left + (now - at) * self.per_s)
        if left < events:
            self._buckets[caller] = (left, now)
            return -1
        self._buckets[caller] = (left - events, now)
        return int(left - events)

    def headers(self, left: int) -> list[tuple[bytes, bytes]]:
        """What the caller is told of it."""
        return [
            (b"ratelimit-limit", str(self.per_s).encode()),
            (b"ratelimit-remaining", str(max(0, left)).encode()),
            (b"ratelimit-reset", b"1"),
        ]
