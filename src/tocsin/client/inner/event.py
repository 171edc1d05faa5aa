"""An event as it is sent.

Receives a mapping. Gives its bytes, with an id and a time where it had none: the same bytes, and so the same id, go out
with every try. Never repeats a value of the event in an error.
"""

import math
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from tocsin.client.errors import EventNotWritable, Fault

SIZE_LIMIT = 65_536
"""Bytes of one event that the service takes."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_WRONG = (TypeError, ValueError, OverflowError, RecursionError, AttributeError, LookupError, msgspec.MsgspecError)


class Written(Struct, frozen=True):
    """An event that is ready to go."""

    id: str
    type: str
    raw: bytes


def type_of(event: object) -> str:
    """The name of an event's type; empty where it has none."""
    found = event.get("type") if isinstance(event, Mapping) else None
    return found if isinstance(found, str) else ""


def id_of(event: object) -> str:
    """The event's own id, or a new one."""
    found = event.get("id") if isinstance(event, Mapping) else None
    return found if isinstance(found, str) and found else new_id()


def new_id() -> str:
    """An id that nobody can guess and nothing else has."""
    return uuid.uuid4().hex


def write_event(event: Mapping[str, object], event_id: str, wall_s: float) -> Written:
    """The bytes of an event.

    Raises:
        EventNotWritable: it is no mapping, has a value that JSON does not have, or is too large.
    """
    if not isinstance(event, Mapping):
        raise EventNotWritable(Fault("not_writable", f"an event is a mapping, not {_name(event)}"))
    try:
        whole = {**event, "id": event_id} if event.get("id") in {None, ""} else dict(event)
        if whole.get("time") is None:
            whole["time"] = datetime.fromtimestamp(wall_s, UTC)
        raw = _ENCODER.encode(whole)
    except _WRONG:
        raise _explain(event) from None
    for name, value in whole.items():
        if type(value) is float and not math.isfinite(value):  # JSON has none; it would arrive as nothing at all
            raise EventNotWritable(Fault("not_writable", f"{value} is not a number", field=str(name)[:80]))
    if len(raw) > SIZE_LIMIT:
        raise EventNotWritable(Fault("too_large", f"{len(raw)} bytes; at most {SIZE_LIMIT} are taken"))
    return Written(event_id, type_of(event), raw)


def _explain(event: Mapping[str, object]) -> EventNotWritable:
    """Which field cannot be written, and why, as far as it can be told."""
    try:
        fields: list[tuple[object, object]] = list(event.items())
    except _WRONG:
        return EventNotWritable(Fault("not_writable", f"{_name(event)} cannot be read as a mapping"))
    for name, value in fields:
        if not isinstance(name, str):
            return EventNotWritable(Fault("not_writable", f"a field's name is a text, not {_name(name)}"))
        try:
            _ENCODER.encode({name: value})
        except _WRONG as error:
            reason = "nested too deep" if isinstance(error, RecursionError) else f"{_name(value)} cannot be JSON"
            return EventNotWritable(Fault("not_writable", reason, field=name[:80]))
    return EventNotWritable(Fault("not_writable", "the event cannot be written as JSON"))


def _name(value: object) -> str:
    return type(value).__name__
