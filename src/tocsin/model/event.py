"""Something that happened on the platform.

Receives values that ingest has checked. Gives one frozen noun for the whole house. Never parses.
"""

from typing import NewType

from msgspec import Struct

from tocsin.model.event_type import EventTypeName
from tocsin.model.value import Value

EventId = NewType("EventId", str)

Row = tuple[Value, ...]
"""The values of one event in the order of its type's columns, signals appended by the signals stage."""


class Event(Struct, frozen=True, gc=False):
    """One event: its type, its id, its time (microseconds since 1970 UTC) and its row."""

    type: EventTypeName
    id: EventId
    at: int
    row: Row
