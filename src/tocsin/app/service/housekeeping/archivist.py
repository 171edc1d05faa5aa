"""What is kept is sealed, and what is over goes.

Receives the records, the terms and the store of evidence. Gives old records sealed once after a start, and a round of
deletions every hour. Never holds anybody up: each turn is small.
"""

from collections.abc import Callable

from tocsin.app.personal.resealing import seal_old
from tocsin.app.retention.sweep import HeldElsewhere, Sweep
from tocsin.app.retention.terms import KeepingTerms
from tocsin.app.storage.records import Records
from tocsin.cases.evidence.store import EvidenceStore

ROUND_EVERY_US = 3_600_000_000


class Archivist:
    """One service's archivist."""

    def __init__(
        self, records: Records, terms: KeepingTerms, store: Callable[[], EvidenceStore], held: HeldElsewhere
    ) -> None:
        """`store` is asked once evidence is to go; `held` gives the subjects on which the history has holds."""
        self._records = records
        self._sweep = Sweep(records, terms, store, held)
        self._next = 0
        self._all_sealed = False

    def advance(self, now_us: int) -> int:
        """Does some of what is to be done; answers how much, 0 where nothing is now.

        Raises:
            TocsinError: the records, the keys or the evidence cannot be used now.
        """
        if not self._all_sealed:
            with self._records.change() as session:
                sealed = seal_old(session)
            self._all_sealed = not sealed
            if sealed:
                return sealed
        if now_us < self._next:
            return 0
        swept = self._sweep.advance(now_us)
        if not swept:
            self._next = now_us + ROUND_EVERY_US
        return swept
