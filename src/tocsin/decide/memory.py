"""Which events have been decided already.

Receives ids and decisions. Gives the decision again for an id that returns. Never forgets an id while its event could
still enter a window: ids live for two spans of lateness at least.
"""

from typing import Generic, TypeVar

from tocsin.model.event import EventId

T = TypeVar("T")


class DecisionMemory(Generic[T]):
    """Two generations of ids by event time; the older is dropped when the newer has lasted `span_us`.

    An id that returns later than that with its own time is too late for every window, so nothing is counted twice.

    >>> memory = DecisionMemory[str](span_us=10)
    >>> memory.keep(EventId("a"), 0, "decision")
    >>> memory.find(EventId("a"))
    'decision'
    """

    def __init__(self, span_us: int) -> None:
        self._span_us = span_us
        self._young: dict[EventId, T] = {}
        self._old: dict[EventId, T] = {}
        self._turn_at: int | None = None

    def find(self, event: EventId) -> T | None:
        """The decision of this id, if it is remembered."""
        return self._young.get(event) or self._old.get(event)

    def keep(self, event: EventId, newest_us: int, decision: T) -> None:
        """Remembers a decision; `newest_us` is the newest event time seen."""
        if self._turn_at is None:
            self._turn_at = newest_us + self._span_us
        elif newest_us >= self._turn_at:
            self._old, self._young = self._young, {}
            self._turn_at = newest_us + self._span_us
        self._young[event] = decision
