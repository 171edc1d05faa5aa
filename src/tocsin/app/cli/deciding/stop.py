"""Ctrl-C and the request to end, heard between two events.

Receives SIGINT and SIGTERM. Gives the end of a loop. Never cuts an event in two: what is written is whole lines, and
what is counted is what was written.
"""

import signal
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Hears the signals while it is entered. `signal` is the one that was heard, 0 before."""

    def __init__(self) -> None:
        self.signal = 0
        self._waits = False
        self._before: list[Any] = []

    def __enter__(self) -> "Stop":
        self._before = [signal.signal(each, self._hear) for each in SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each, before in zip(SIGNALS, self._before, strict=True):
            signal.signal(each, before)

    def between(self, items: Iterable[T]) -> Iterator[T]:
        """The items until a signal is heard: at once while the next one is waited for, else after the one in hand."""
        waiting = iter(items)
        while not self.signal:
            try:
                self._waits = True
                item = next(waiting, None)
            except KeyboardInterrupt:
                return
            finally:
                self._waits = False
            if item is None:
                return
            yield item

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
        if self._waits:
            raise KeyboardInterrupt
