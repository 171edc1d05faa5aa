"""What a client has done so far, in this process."""

import threading
from collections import Counter

from msgspec import Struct


class Stats(Struct, frozen=True):
    """Counts since the client was first used in this process.

    `decided` answers of Tocsin; `fallbacks` decisions that it did not take, by cause in `causes`; `failed` tries without
    an answer; `sent` events of `send` that Tocsin has; `rejected` events that were refused; `dropped` events of `send`
    that were lost; `waiting` those that are still to go; `breaker` is closed, open or half_open.
    """

    decided: int
    fallbacks: int
    causes: dict[str, int]
    failed: int
    sent: int
    rejected: int
    dropped: int
    waiting: int
    breaker: str


class Counts:
    """Counters that several threads may raise."""

    NAMES = ("decided", "fallbacks", "failed", "sent", "rejected", "dropped")
    MOST_CAUSES = 64

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._counts = dict.fromkeys(self.NAMES, 0)
        self._causes: Counter[str] = Counter()

    def add(self, name: str, number: int = 1) -> None:
        """Raises one counter."""
        with self._lock:
            self._counts[name] += number

    def fall_back(self, cause: str) -> None:
        """Counts a decision that Tocsin did not take."""
        with self._lock:
            self._counts["fallbacks"] += 1
            self._causes[cause if cause in self._causes or len(self._causes) < self.MOST_CAUSES else "other"] += 1

    def stats(self, waiting: int, breaker: str) -> Stats:
        """All of them as they are now."""
        with self._lock:
            return Stats(**self._counts, causes=dict(self._causes), waiting=waiting, breaker=breaker)
