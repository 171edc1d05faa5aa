"""Whether the broker can be reached, and how long to wait before the next try.

Receives what a transport notices. Gives one line of log at each change and a count. Never logs an address with its
credentials: callers give names and the library's words only.
"""

import random

import structlog

FIRST_S = 0.05
LAST_S = 5.0
REASONS = 5
"""Reasons of one outage that are logged."""

log = structlog.get_logger("tocsin.streams")


class Line:
    """The connection to one broker, as seen from here."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.up = False
        self.reconnects = 0
        self._was_up = False
        self._told: set[str] = set()

    def lost(self, reason: str) -> None:
        """It cannot be reached; each reason is logged once until it is back."""
        if self.up or (reason not in self._told and len(self._told) < REASONS):
            log.warning("the broker cannot be reached; it is tried again", broker=self.name, reason=reason[:200])
        self.up = False
        self._told.add(reason)

    def note(self, reason: str) -> None:
        """Something was refused while the broker could be reached; each reason is logged once until it is found anew."""
        if reason not in self._told and len(self._told) < REASONS:
            log.warning("the broker refuses; it is tried again", broker=self.name, reason=reason[:200])
            self._told.add(reason)

    def found(self) -> None:
        """It can be reached."""
        if self.up:
            return
        self.up = True
        self._told.clear()
        if self._was_up:
            self.reconnects += 1
        log.info("the broker is reached", broker=self.name, reconnects=self.reconnects)
        self._was_up = True


class Delay:
    """Waits that double, with jitter, so that many who wait do not come back together."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def next_s(self) -> float:
        """How long to wait now, in seconds."""
        now_s = self._next_s
        self._next_s = min(LAST_S, now_s * 2)
        return now_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

    def reset(self) -> None:
        """It went well; the next wait is short again."""
        self._next_s = FIRST_S
