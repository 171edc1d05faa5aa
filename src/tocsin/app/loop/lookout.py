"""What comes back after it was removed, and results that are to be looked at.

Receives the history and the measures that are in force. Gives each case whose result is to be verified back to its queue,
and opens again what an event shows to be there still: a listing created under the same name, a post of a closed account.
Nothing depends on it having been up: it looks at what is kept, whenever it comes to it.
"""

from collections.abc import Callable, Sequence
from itertools import islice, takewhile

import msgspec
from msgspec import Struct
from sqlalchemy import select

from tocsin.app.loop.intake import field_of
from tocsin.app.storage.records import Records
from tocsin.cases.recurrence import Sign, raise_due, recur
from tocsin.cases.tables import Case
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.measures.kind import MeasureKind
from tocsin.measures.state import MeasureState
from tocsin.measures.tables import Measure
from tocsin.model.window import SECOND_US
from tocsin.records.actor import SYSTEM, Stamp

REMOVED = (MeasureKind.TAKE_DOWN, MeasureKind.DELIST, MeasureKind.SUSPEND, MeasureKind.CLOSE, MeasureKind.BAR)
SIGNS = frozenset(
    {
        ("listing.create", "listing"),
        ("content.post", "content"),
        ("account.login", "account"),
        ("account.register", "account"),
        ("content.post", "account"),
        ("listing.create", "seller"),
        ("message.send", "sender"),
    }
)
"""Events, and the field whose entity acts in them or begins to be there with them."""

WATCHED_US = 90 * 86_400 * SECOND_US
"""How long after a measure was confirmed its subject is watched."""

AT_ONCE, NEWEST = 500, 50


class Watched(Struct, frozen=True):
    """A measure that a later event may show to be void."""

    number: int
    case: int
    subject: str
    confirmed_at: int


class Lookout:
    """One on one history and its records. What it has seen of a subject it does not read again until it is started anew."""

    def __init__(self, records: Records, history: History, clock: Callable[[], int]) -> None:
        self._records = records
        self._history = history
        self._clock = clock
        self._next = 0
        self._seen: dict[int, int] = {}

    def advance(self) -> int:
        """Looks at some of what is to be looked at, in turn; answers how much was raised or has come back.

        Raises:
            StorageFull: the records cannot be reached now; what was not done is done the next time.
        """
        now = self._clock()
        found = [(each, sign) for each in self._watched(now) if (sign := self._sign_of(each)) is not None]
        back = sum(self._recur(each, sign, now) for each, sign in found)
        with self._records.change() as session:
            return back + len(raise_due(session, Stamp(SYSTEM, now)))

    def _watched(self, now_us: int) -> Sequence[Watched]:
        stands = (Measure.state == MeasureState.CONFIRMED, Measure.kind.in_(REMOVED), Measure.case_number.is_not(None))
        lately = (Measure.confirmed_at >= now_us - WATCHED_US, Measure.number > self._next)
        asked = select(Measure.number, Measure.case_number, Measure.subject, Measure.confirmed_at)
        with self._records.session() as session:
            rows = session.execute(asked.where(*stands, *lately).order_by(Measure.number).limit(AT_ONCE)).all()
        self._next = rows[-1][0] if len(rows) == AT_ONCE else 0
        return [Watched(number, case or 0, subject, at or 0) for number, case, subject, at in rows]

    def _sign_of(self, watched: Watched) -> Sign | None:
        """The newest event after the measure in which its subject acts or begins anew."""
        known = self._seen.get(watched.number, 0)
        fresh = list(takewhile(lambda seq: seq > known, islice(self._history.index.of_entity(watched.subject), NEWEST)))
        if not fresh:
            return None
        self._seen[watched.number] = fresh[0]
        for entry in map(self._history.at, fresh):
            if entry is not None and entry.at > watched.confirmed_at and is_sign(entry, watched.subject):
                return Sign(watched.subject, entry.id, f"event {entry.id[:200]}, {entry.type}", watched.number)
        return None

    def _recur(self, watched: Watched, sign: Sign, now_us: int) -> int:
        with self._records.change() as session:
            return int(recur(session, session.get_one(Case, watched.case), sign, Stamp(SYSTEM, now_us)))


def is_sign(entry: Entry, subject: str) -> bool:
    """Whether an event shows that a subject is there: it acts in it, or is created by it; not that something is done to it."""
    fields = [field for kind, field in SIGNS if kind == entry.type]
    if not fields or entry.erased:
        return False
    event = msgspec.json.decode(entry.event, type=dict[str, object])
    return any(field_of(event, field) == subject for field in fields)
