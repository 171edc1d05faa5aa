"""What was decided and asks for something, from its commit until it is done.

Receives entries as they are committed. Gives those on which a rule fired that asks for a case or a measure, so that nobody
reads the history for them a second time. Never holds more than a little: what is too much is let go, and read instead.
"""

import threading
from collections import deque
from collections.abc import Collection, Sequence
from itertools import islice

from msgspec import Struct

from tocsin.history.entry import Entry
from tocsin.model.decision import RuleId

MOST = 10_000
MOST_BYTES = 16 << 20


class Heard(Struct, frozen=True):
    """Entries that ask for something, in order, and the number of the last entry that was looked at for them."""

    entries: Sequence[Entry]
    through: int


class Inbox:
    """One inbox of one history; filled by the thread that commits, emptied by the one that follows.

    `begin` is the number after which every entry was heard; what lies before it must be read.
    """

    def __init__(self, rules: Collection[RuleId], begin: int) -> None:
        self.begin = begin
        self._asking = frozenset(rules)
        self._through = begin
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    def put(self, committed: Sequence[Entry]) -> None:
        """Hears a commit."""
        asking = [each for each in committed if each.rules and self.asks(each)]
        with self._lock:
            self._through = committed[-1].seq
            self._entries.extend(asking)
            self._bytes += sum(map(_size, asking))
            if len(self._entries) > MOST or self._bytes > MOST_BYTES:
                self._entries.clear()
                self._bytes, self.begin = 0, self._through

    def asks(self, entry: Entry) -> bool:
        """Whether a rule fired on it that asks for something."""
        return not self._asking.isdisjoint(entry.rules)

    def take(self, after: int, most: int) -> Heard | None:
        """What is to be done after a number, at most so much at once; what was taken before is let go only now that it is done.

        None where something after that number was not heard.
        """
        with self._lock:
            if after < self.begin:
                return None
            while self._entries and self._entries[0].seq <= after:
                self._bytes -= _size(self._entries.popleft())
            found = list(islice(self._entries, most))
            return Heard(found, found[-1].seq if len(found) < len(self._entries) else max(after, self._through))


def _size(entry: Entry) -> int:
    return len(entry.event) + len(entry.decision)
