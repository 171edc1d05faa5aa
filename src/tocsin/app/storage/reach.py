"""Whether the database answers.

Receives every success and every failure. Gives the fault as it is now. Says each change once in the log, however often
the same is asked.
"""

import threading

import structlog

log = structlog.get_logger("tocsin.records")


class Reach:
    """One way to the database. `fault` is empty while it answers."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self.fault = ""

    def lose(self, reason: str) -> None:
        """It did not answer, or refused."""
        with self._lock:
            was, self.fault = self.fault, reason
        if not was:
            log.error("the records cannot be reached; what was read last goes on", address=self._address, reason=reason)

    def find(self) -> None:
        """It answered."""
        if not self.fault:
            return
        with self._lock:
            was, self.fault = self.fault, ""
        if was:
            log.info("the records can be reached again", address=self._address)
