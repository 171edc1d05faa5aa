"""Does what follows from each entry as it is kept.

Receives what was heard of each commit, the history for what was not heard, and how far it has come. Gives what follows
from each entry, and its own new place in the same transaction: after any crash it goes on where it was, and nothing is
done twice.
"""

from collections.abc import Mapping
from itertools import islice

from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.loop.copier import Copied, Copier
from tocsin.app.loop.inbox import Heard, Inbox
from tocsin.app.loop.intake import Taken, Terms, take_in
from tocsin.app.storage.records import Records
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.model.decision import RuleId
from tocsin.records.tables import Place
from tocsin.rules.pack import Rule

NAME = "loop"
AT_ONCE = 500
LOOK = 5_000
KEEP_EVERY = 50_000
"""Entries on which nothing follows that are passed before the place is written down."""


class Work(Struct, frozen=True):
    """The rules that ask for something, and how the platform takes that in."""

    rules: Mapping[RuleId, Rule]
    terms: Terms
    copier: Copier


class Follower:
    """One follower of one history."""

    def __init__(self, inbox: Inbox, history: History, records: Records, work: Work) -> None:
        self._inbox = inbox
        self._history = history
        self._records = records
        self._work = work
        self._begin = inbox.begin
        self.is_placed = False
        self.position = 0
        self._kept = 0

    def start(self) -> int:
        """Finds its place, before anything new is kept. One that has never been here begins at the end of what was kept when
        it was made: what is past stays past.

        Raises:
            StorageFull: the records cannot be reached now.
        """
        with self._records.change() as session:
            place = session.get(Place, NAME)
            if place is None:
                place = Place(name=NAME, position=self._begin)
                session.add(place)
            self.position = self._kept = place.position
        self.is_placed = True
        return self.position

    def advance(self, now_us: int) -> int:
        """Takes in some of what is new; answers how many entries it has passed.

        Raises:
            StorageFull: the records cannot be written now; nothing was done, the place is as before.
        """
        heard = self._inbox.take(self.position, AT_ONCE) or self._read()
        last = heard.through
        if last == self.position:
            return 0
        if heard.entries or last - self._kept >= KEEP_EVERY:
            copied = self._work.copier.copy(heard.entries)
            with self._records.change() as session:
                self._take(session, heard, copied, now_us)
            self._kept = last
        passed, self.position = last - self.position, last
        return passed

    def _take(self, session: Session, heard: Heard, copied: Mapping[int, Copied], now_us: int) -> None:
        place = session.get_one(Place, NAME)
        for entry in heard.entries:
            if entry.seq > place.position:
                taken = Taken(entry, copied.get(entry.seq))
                take_in(session, taken, self._work.rules, self._work.terms, now_us)
        place.position = max(place.position, heard.through)

    def _read(self) -> Heard:
        """The same from the history, for what was kept before anybody listened."""
        found: list[Entry] = []
        last = self.position
        for entry in islice(self._history.read(self.position), LOOK):
            last = entry.seq
            if self._inbox.asks(entry):
                found.append(entry)
                if len(found) == AT_ONCE:
                    break
        return Heard(found, last)
