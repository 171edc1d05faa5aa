"""One event from its bytes.

Receives JSON (plain or CloudEvents 1.0) or an object with string values. Gives an Event. Never touches a file, and
never raises anything but an EventError for whatever stands in the input.
"""

import difflib
import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tocsin.ingest import checks, cloudevents
from tocsin.ingest.wire import build_wires, union_of
from tocsin.model.errors import (
    BadTime,
    EventError,
    EventTooDeep,
    EventTooLarge,
    MalformedEvent,
    MissingField,
    UnknownEventType,
    ValueOutOfRange,
    WrongType,
)
from tocsin.model.event import Event, EventId
from tocsin.model.event_type import EventTypeName, EventTypes
from tocsin.model.fixed import EXACT_FLOAT

SIZE_LIMIT = 65_536
"""Bytes that one event may have."""

DEPTH_LIMIT = 16
"""Objects and lists that may stand in one another."""

_MISSING = re.compile(r"Object missing required field `([^`]*)`(?: - at `\$\.?([^`]*)`)?")
_NAN = re.compile(rb'"([^"\\]{1,80})"\s{0,9}:\s{0,9}(-?(?:NaN|Infinity))')
_PLACE = re.compile(r"(.*?)(?: - at `\$\.?([^`]*)`)?$", re.DOTALL)


class EventReader:
    """Reads events of the given types. `now_us` is the reader's clock in microseconds, where it has one."""

    def __init__(self, types: EventTypes, *, now_us: int | None = None) -> None:
        self._types = types
        self._wires = build_wires(types)
        wires = list(self._wires.values())
        self._union: Any = union_of(wires) if wires else None
        self._decoder = msgspec.json.Decoder(self._union) if wires else None
        self._names = {
            wire.shape: (EventTypeName(name), wire.to_row, types[EventTypeName(name)].time_field)
            for name, wire in self._wires.items()
        }
        self._time_fields = {str(name): kind.time_field for name, kind in types.items()}
        self.now_us = now_us

    def read_json(self, raw: bytes) -> Event:
        """One event from JSON bytes; a CloudEvent is told by its `specversion`.

        Raises:
            EventError: what is wrong, and in which field.
        """
        if len(raw) > SIZE_LIMIT:
            raise EventTooLarge("", f"{len(raw)} bytes; at most {SIZE_LIMIT} are taken")
        if raw.count(b"[") + raw.count(b"{") > DEPTH_LIMIT:
            check_depth(raw)
        if b'"specversion"' in raw and cloudevents.is_cloudevent(raw):
            raw = cloudevents.flatten(raw, self._time_fields)
        try:
            if not raw.isascii():
                raw.decode()
            wire = self._decoder.decode(raw) if self._decoder else self._no_types()
            name, to_row, time_field = self._names[type(wire)]
            at = checks.event_time(wire.time, time_field, self.now_us)
            return Event(name, wire.id, at, to_row(wire, at))
        except checks.NeedsText:
            return self._read_exactly(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._translate(error, raw) from None

    def read_object(self, fields: Mapping[str, object]) -> Event:
        """One event from an object, such as a mapped CSV row: texts stand for numbers, and empty means missing.

        Raises:
            EventError: what is wrong, and in which field.
        """
        type_name = fields.get("type")
        wire = self._wires.get(type_name) if isinstance(type_name, str) else None
        if wire is None or not isinstance(type_name, str):
            raise self._unknown(type_name)
        try:
            shaped: Any = msgspec.convert(dict(fields), type=wire.shape, strict=False)
            name, to_row, time_field = self._names[wire.shape]
            at = checks.event_time(shaped.time, time_field, self.now_us)
            event = Event(name, EventId(shaped.id), at, to_row(shaped, at))
            _refuse_surrogates(event)
            return event
        except checks.NeedsText as wanted:
            reason = "a decimal of 12 digits or more must come as text, a float has lost its places"
            raise ValueOutOfRange(str(wanted), reason) from None
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise self._translate(error, b"") from None

    def time_field(self, event_type: object) -> str:
        """The wire's name for the time of an event type; `time` where the type is unknown."""
        return self._time_fields.get(str(event_type), "time")

    def _read_exactly(self, raw: bytes) -> Event:
        """The slow way for amounts beyond a float's digits: decode every number from its text."""
        generic = msgspec.json.Decoder(float_hook=text_of_large)
        return self.read_object(cast("dict[str, object]", generic.decode(raw)))

    def _no_types(self) -> Any:
        raise UnknownEventType("type", "no pack that is loaded declares any event type")

    def _unknown(self, name: object) -> EventError:
        if name is None:
            return MissingField("type", "every event names its type")
        if not isinstance(name, str):
            return WrongType("type", "the type is a text")
        if name in self._types:
            return MalformedEvent("type", f"the type is named twice, and once as {name[:80]!r}")
        near = difflib.get_close_matches(name[:80], self._types, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return UnknownEventType("type", f"no loaded pack declares {name[:80]!r}{hint}")

    def _translate(self, error: Exception, raw: bytes) -> EventError:
        """A typed error from what the decoder says."""
        if isinstance(error, RecursionError):
            return EventTooDeep("", f"nested deeper than {DEPTH_LIMIT} levels")
        if isinstance(error, UnicodeError):
            return MalformedEvent("", "the bytes are not UTF-8")
        text = str(error)
        if missing := _MISSING.match(text):
            field = ".".join(filter(None, (missing[2], missing[1])))
            return MissingField(field, "is required")
        if not isinstance(error, msgspec.ValidationError):
            return not_json(text, raw)
        match = _PLACE.match(text)
        reason, field = (match[1], match[2] or "") if match else (text, "")
        if field == "type" and reason.startswith("Invalid value"):
            return self._unknown(reason.removeprefix("Invalid value ").strip("'"))
        if "out of range" in reason or " length " in reason or ">" in reason or "<" in reason:
            return ValueOutOfRange(field, _lower(reason))
        if "RFC3339" in reason or "datetime" in reason:
            return BadTime(field, "expected RFC 3339 with a zone, such as 2026-01-15T12:00:00Z, or seconds since 1970")
        if not field and reason.startswith("Expected `object`"):
            return MalformedEvent("", "an event is a JSON object")
        return WrongType(field, _lower(reason))


def check_depth(raw: bytes) -> None:
    """Counts how deep objects and lists stand in one another, texts left out.

    Raises:
        EventTooDeep: deeper than DEPTH_LIMIT.
    """
    depth = 0
    for token in re.finditer(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', raw, re.DOTALL):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            if depth > DEPTH_LIMIT:
                raise EventTooDeep("", f"nested deeper than {DEPTH_LIMIT} levels")
        elif first in b"]}":
            depth -= 1


def not_json(text: str, raw: bytes) -> EventError:
    """The error for bytes that are no JSON, from what the decoder says; a number that is none is named with its field."""
    if nan := _NAN.search(raw):
        return ValueOutOfRange(nan[1].decode(errors="replace"), f"{nan[2].decode()} is not a number")
    return MalformedEvent("", f"not JSON: {text.removeprefix('JSON is malformed: ')[:120]}")


def _lower(reason: str) -> str:
    return (reason[:1].lower() + reason[1:])[:200]


def text_of_large(text: str) -> float | str:
    """A JSON number as a float, or as its text where a float would lose digits."""
    number = float(text)
    return text if abs(number) >= EXACT_FLOAT else number


def _refuse_surrogates(event: Event) -> None:
    """Texts that came as Python's may hold half a character, which no UTF-8 can write."""
    for value in (event.id, *event.row):
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and not text.isascii():
                text.encode()
