"""Journal and lake as one, for reading.

Receives a folder, whether or not a service has it. Gives entries by number and in order, each once, wherever they lie, also
while a stretch is on its way from the journal to the lake or a file is replaced. Never changes anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.history.entry import Entry
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Lake
from tocsin.model.errors import HistoryDamaged

PATIENCE = 3


class Reading:
    """What can be read without an index."""

    def __init__(self, journal: Journal, lake: Lake) -> None:
        self.journal = journal
        self.lake = lake

    def at(self, seq: int) -> Entry | None:
        """The entry with a number; the journal is asked first, because entries only ever move away from it.

        Raises:
            HistoryDamaged: it is not what was committed.
        """
        found = self.journal.find(seq)
        return found or next(iter(self.lake.entries(seq, seq)), None)

    def read(self, after: int = 0) -> Iterator[Entry]:
        """Every entry after `after` that is committed now, in order, each once.

        Raises:
            HistoryDamaged: an entry is missing or is not what was committed.
        """
        place, last, in_vain = after, self.journal.head()[0], 0
        while place < last:
            begun = place
            for entry in self.lake.read(place):
                if entry.seq != place + 1:
                    break
                yield entry
                place = entry.seq
            for entry in self.journal.read(place):
                if entry.seq != place + 1:
                    break  # the entries before it have moved to the lake since it was looked at
                yield entry
                place = entry.seq
            in_vain = in_vain + 1 if place == begun else 0
            if in_vain and (self.at(place + 1) is None or in_vain == PATIENCE):
                raise HistoryDamaged(f"entry {place + 1} is missing")


@contextmanager
def open_reading(folder: Path) -> Iterator[Reading]:
    """A history for reading, while another process may have it.

    Raises:
        InputError: there is none.
        HistoryError: it cannot be read, or is no history.
    """
    journal = Journal(folder, read_only=True)
    try:
        yield Reading(journal, Lake(folder, journal))
    finally:
        journal.close()
