"""One event and its decision, as kept.

Receives what ingest and decide made. Gives one record under one increasing number. Never changes afterwards: erasing
replaces it by what may still be said.
"""

import msgspec
from msgspec import Struct

from tocsin.model.decision import RuleId
from tocsin.model.entity import EntityRef
from tocsin.model.event import EventId
from tocsin.model.event_type import EventTypeName
from tocsin.model.outcome import Outcome

NO_ENTITIES: tuple[EntityRef, ...] = ()


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """One place of the history.

    `seq` counts from 1 in arrival order without a gap; `at` is the event's time and `received_at` ours, in microseconds
    since 1970 UTC. `event` are the JSON bytes as they came, `decision` the JSON bytes as they were answered. An erased
    entry has neither, nor entities.
    """

    seq: int
    id: EventId
    type: EventTypeName
    at: int
    received_at: int
    outcome: Outcome
    rules: tuple[RuleId, ...]
    entities: tuple[EntityRef, ...]
    event: bytes
    decision: bytes

    @property
    def erased(self) -> bool:
        """Whether the content has been deleted."""
        return not self.event


class Place(Struct, frozen=True):
    """Where one entry stands, by everything under which it can be found."""

    seq: int
    id: str
    entities: tuple[str, ...]


def erase_entry(entry: Entry) -> Entry:
    """What remains of an entry when its content must go: its number, id, type, times and outcome.

    >>> entry = Entry(1, EventId("e"), EventTypeName("t"), 2, 3, Outcome.HOLD, (), (EntityRef("a:1"),), b"{}", b"{}")
    >>> erase_entry(entry).entities, erase_entry(entry).erased
    ((), True)
    """
    return msgspec.structs.replace(entry, rules=(), entities=NO_ENTITIES, event=b"", decision=b"")


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[Entry, ...])


def pack_entries(entries: tuple[Entry, ...]) -> bytes:
    """A group of entries as bytes; the same entries always give the same bytes."""
    return _ENCODER.encode(entries)


def unpack_entries(packed: bytes) -> tuple[Entry, ...]:
    """The entries again.

    Raises:
        msgspec.MsgspecError: the bytes are no entries.
    """
    return _DECODER.decode(packed)
