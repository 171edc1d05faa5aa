"""Whether the service is asked at all.

Receives how tries ended. Gives leave to try, or not: after a few failures in a row nothing is asked for a while, so that
a service that is down costs its callers nothing. Whether it is back is found out in the background; then one caller
tries, and only when that succeeds do all.
"""

import logging
import threading
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

PROBE_LOST_S = 10.0
"""Seconds after which a probe that has not been heard of counts as lost: its thread was never let run."""

log = logging.getLogger("tocsin.client")


class State(StrEnum):
    """Closed: all may ask. Open: nobody. Half open: one caller tries."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Leave(StrEnum):
    """What a caller may do."""

    NO = "no"
    ASK = "ask"
    TRY = "try"


class Limits(Struct, frozen=True):
    """After how many failures it opens, for how long at first, and for how long at most."""

    failures: int
    wait_s: float
    longest_s: float


class Breaker:
    """One for each service and process. `probe` starts a look in the background and must return at once."""

    def __init__(self, limits: Limits, clock: Callable[[], float], chance: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._chance = chance
        self._lock = threading.RLock()
        self._state = State.CLOSED
        self._failures = 0
        self._wait_s = limits.wait_s
        self._until = 0.0
        self._probing_since: float | None = None
        self._trying = False
        self.probe: Callable[[], None] = lambda: self.probed(answers=True)

    @property
    def state(self) -> State:
        """What holds now."""
        return self._state

    def ask_leave(self) -> Leave:
        """Whether this caller may ask. Whoever got TRY must call `give_back` when all is over."""
        state = self._state
        if state is State.CLOSED:
            return Leave.ASK
        now = self._clock()
        if state is State.OPEN and now < self._until:
            return Leave.NO
        with self._lock:
            state = self._state
            if state is State.CLOSED:
                return Leave.ASK
            if state is State.HALF_OPEN:
                if self._trying:
                    return Leave.NO
                self._trying = True
                return Leave.TRY
            if self._probing_since is not None and now - self._probing_since < PROBE_LOST_S:
                return Leave.NO
            self._probing_since = now
        self.probe()
        return Leave.NO

    def give_back(self, leave: Leave) -> None:
        """Ends a caller's leave; where its try told nothing, the next caller gets it."""
        if leave is Leave.TRY:
            with self._lock:
                self._trying = False

    def succeed(self) -> None:
        """Notes that the service has answered."""
        if self._state is State.CLOSED and not self._failures:
            return
        with self._lock:
            was, self._state = self._state, State.CLOSED
            self._failures = 0
            self._wait_s = self._limits.wait_s
        if was is not State.CLOSED:
            log.warning("Tocsin answers again")

    def fail(self, at_least_s: float = 0.0) -> None:
        """Notes that the service has not answered, and after how many seconds it wants to be asked again."""
        with self._lock:
            self._failures += 1
            opens = self._state is State.HALF_OPEN or self._failures >= self._limits.failures
            if self._state is State.OPEN or not opens:
                return
            was = self._state
            self._open(at_least_s)
        if was is State.CLOSED:
            log.warning("Tocsin does not answer; for now calls fall back without asking it")

    def probed(self, *, answers: bool) -> None:
        """Notes what the look in the background has found."""
        with self._lock:
            self._probing_since = None
            if self._state is not State.OPEN:
                return
            if answers:
                self._state, self._trying = State.HALF_OPEN, False
            else:
                self._open(0.0)

    def _open(self, at_least_s: float) -> None:
        """Opens for a while, longer each time; half of it is chance, so that many processes do not come back at once."""
        wait_s = max(self._wait_s * (0.5 + 0.5 * self._chance()), min(at_least_s, self._limits.longest_s))
        self._until = self._clock() + wait_s
        self._wait_s = min(self._wait_s * 2, self._limits.longest_s)
        self._state, self._trying = State.OPEN, False
