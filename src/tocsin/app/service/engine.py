"""From an event's bytes to a durable decision.

Receives bytes and an Idempotency-Key where there is one. Gives the decision's bytes when both are on the disk. The same
event id always gets the same answer, also after a restart. All of it runs on the loop's thread, in arrival order.
"""

import time
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from tocsin.app.service.committer import Committer
from tocsin.app.service.group import Group
from tocsin.app.service.tally import Tally
from tocsin.decide.decider import Decider
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.history.journal import Request
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import FiredRule, RuleId
from tocsin.model.entity import EntityRef
from tocsin.model.errors import EventError, NotReady, Overloaded, RequestReused, StorageFull
from tocsin.model.event import Event
from tocsin.model.event_type import COMMON, EventTypeName, EventTypes


class Ticket(Struct, frozen=True):
    """A decision on its way to the disk; `group` is None where it has been there before."""

    decision: bytes
    seq: int
    group: Group | None
    duplicate: bool


class Parts(Struct, frozen=True):
    """What an engine works with."""

    reader: EventReader
    decider: Decider
    history: History
    committer: Committer
    tally: Tally
    types: EventTypes
    clock: Callable[[], int]


class Engine:
    """The decisions of one service. `ready` is set when everything kept has been replayed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._next_seq = parts.history.journal.last_seq + 1
        self._encode = msgspec.json.Encoder(decimal_format="number").encode
        self._entities = {name: _entity_places(parts.types, name) for name in parts.types}
        self.ready = False

    @property
    def decided_seq(self) -> int:
        """The number of the last entry that has been decided, on the disk or not."""
        return self._next_seq - 1

    def now_us(self) -> int:
        """The service's clock."""
        return self._parts.clock()

    def check_open(self) -> None:
        """Whether anything can be taken in now.

        Raises:
            NotReady: the history is still being replayed, or the service is stopping.
            StorageFull: the disk is full or cannot be written.
            Overloaded: too much waits for the disk.
        """
        if not self.ready:
            raise NotReady("the history is being replayed, or the service is stopping")
        committer = self._parts.committer
        if committer.fault is not None:
            raise StorageFull("the journal cannot be written; nothing that was acknowledged is lost")
        if committer.is_full:
            raise Overloaded("more waits for the disk than should")

    def submit(self, raw: bytes, request: Request | None = None) -> Ticket:
        """Decides one event and puts it on its way to the disk.

        Raises:
            EventError: the event cannot be taken in.
            HistoryError: nothing can be taken in now.
        """
        self.check_open()
        parts = self._parts
        now = parts.clock()
        parts.reader.now_us = now
        try:
            event = parts.reader.read_json(raw)
        except EventError as error:
            parts.tally.reject(error)
            raise
        known = self._find(event.id)
        if known is not None:
            parts.tally.duplicates += 1
            return known
        decision = parts.decider.judge(event)
        parts.tally.add(decision)
        answer = self._encode(decision)
        seq = self._next_seq
        self._next_seq += 1
        entry = Entry(
            seq,
            event.id,
            event.type,
            event.at,
            now,
            decision.outcome,
            _rules(decision.fired),
            self._entities_of(event),
            bytes(raw),
            answer,
        )
        return Ticket(answer, seq, parts.committer.add(entry, request), False)

    async def wait(self, tickets: Sequence[Ticket]) -> None:
        """Until all of them are on the disk.

        Raises:
            StorageFull: they are not there yet; ask again with the same ids.
        """
        began = time.perf_counter()
        for group in dict.fromkeys(ticket.group for ticket in tickets if ticket.group is not None):
            await group.done
        self._parts.tally.latency.add(time.perf_counter() - began)

    def check_request(self, request: Request) -> None:
        """Whether an Idempotency-Key comes with what it came with before.

        Raises:
            RequestReused: it came with something else.
        """
        parts = self._parts
        known = parts.committer.requests.get(request.key) or parts.history.journal.find_request(request.key)
        if known is not None and known != request.digest:
            raise RequestReused("this Idempotency-Key was used with another body")

    def _find(self, event_id: str) -> Ticket | None:
        """The decision of an event that was decided before; what waits for the disk is looked at first."""
        waiting = self._parts.committer.waiting.get(event_id)
        if waiting is not None:
            entry, group = waiting
            return Ticket(entry.decision, entry.seq, group, True)
        seq = self._parts.history.index.find(event_id)
        found = self._parts.history.at(seq) if seq is not None else None
        if found is None:
            return None
        answer = found.decision or self._encode({"event_id": found.id, "outcome": found.outcome, "erased": True})
        return Ticket(answer, found.seq, None, True)

    def _entities_of(self, event: Event) -> tuple[EntityRef, ...]:
        row = event.row
        found = [row[place] for place in self._entities[event.type]]
        return tuple(dict.fromkeys(EntityRef(value) for value in found if isinstance(value, str)))


def _entity_places(types: EventTypes, name: EventTypeName) -> tuple[int, ...]:
    return tuple(len(COMMON) + place for place, field in enumerate(types[name].fields) if field.entity)


def _rules(fired: Sequence[FiredRule]) -> tuple[RuleId, ...]:
    return tuple(each.rule for each in fired)
