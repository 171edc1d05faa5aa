"""What a decoded value must satisfy to enter a row.

Receives one value and its field's name. Gives the value as rows hold it (decimals and times as whole numbers), or
raises an EventError. Never sees JSON.
"""

import math
from datetime import datetime

from tocsin.model.errors import BadTime, NumberOutOfRange, ValueOutOfRange
from tocsin.model.event_type import Field
from tocsin.model.fixed import CLEAR_REST, EXACT_FLOAT, SCALE, fixed_from_number, fixed_from_text
from tocsin.model.value import INT_LIMIT, ValueType
from tocsin.model.window import SECOND_US

EARLIEST_S = 946_684_800
"""2000-01-01: no platform's event is older."""

LATEST_S = 4_102_444_800
"""2100-01-01."""

AHEAD_US = 3_600 * SECOND_US
"""How far an event's time may lie ahead of the clock of whoever reads it."""


class NeedsText(Exception):
    """A number so large that its float has lost digits, in the named field; the reader decodes its text instead."""


def check_of(field: Field) -> str:
    """The Python expression that checks one field, with places for value and name; empty where the struct suffices."""
    if field.entity:
        prefix = f"{field.entity}:"
        fits = f"{{value}}.startswith({prefix!r}) and len({{value}}) > {len(prefix)}"
        return f"{{value}} if {fits} else no_entity({{value}}, {{name}}, {prefix!r})"
    match field.type:
        case ValueType.DECIMAL:
            quick = f"type({{value}}) is float and -{EXACT_FLOAT} < {{value}} < {EXACT_FLOAT}"
            clear = f"abs((s := {{value}} * {SCALE}) - (u := round(s))) < {CLEAR_REST}"
            return f"u if {quick} and {clear} else decimal({{value}}, {{name}})"
        case ValueType.TIMESTAMP:
            return "timestamp({value}, {name})"
        case ValueType.DURATION:
            return "duration({value}, {name})"
        case ValueType.STRINGS:
            return "tuple({value})"
        case _:
            return ""


def no_entity(value: str, name: str, prefix: str) -> str:
    """Says what an entity must look like.

    Raises:
        ValueOutOfRange: always; the value is not `kind:value` with the kind that the field declares.
    """
    raise ValueOutOfRange(name, f"an entity is written `{prefix}…`, got {value[:40]!r}")


def decimal(value: int | float | str, name: str) -> int:
    """A decimal in units of 1/10000.

    Raises:
        ValueOutOfRange: no number, not finite, or more than 14 digits before the point.
        NeedsText: a float of 12 digits or more before the point; its text decides.
    """
    try:
        if isinstance(value, str):
            return fixed_from_text(value)
        if isinstance(value, float) and math.isfinite(value) and abs(value) >= EXACT_FLOAT:
            raise NeedsText(name)
        return fixed_from_number(value)
    except NumberOutOfRange as error:
        raise ValueOutOfRange(name, str(error)) from None


def timestamp(value: datetime | int | float, name: str) -> int:
    """A time in microseconds since 1970 UTC.

    Raises:
        BadTime: no zone, no number, or outside 2000..2100.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadTime(name, f"{value.isoformat()} has no time zone; end it in Z or +08:00")
        seconds: int | float = value.timestamp()
    else:
        seconds = value
    if isinstance(value, bool) or not EARLIEST_S <= seconds < LATEST_S:  # NaN and the infinities fail here too
        raise _absurd(value, name)
    return round(seconds * SECOND_US)


def _absurd(value: datetime | int | float, name: str) -> BadTime:
    """The error for a time outside 2000..2100."""
    if isinstance(value, datetime):
        return BadTime(name, f"{value.isoformat()} is not between 2000 and 2100")
    milli = EARLIEST_S <= value // 1_000 < LATEST_S
    reason = f"{str(value)[:40]} seconds since 1970 is not between 2000 and 2100{'; it looks like milliseconds' if milli else ''}"
    return BadTime(name, reason)


def duration(value: int | float, name: str) -> int:
    """Seconds as microseconds.

    Raises:
        ValueOutOfRange: not finite, or beyond 31,000 years.
    """
    if not abs(value) * SECOND_US < INT_LIMIT:  # NaN fails here too
        raise ValueOutOfRange(name, f"{str(value)[:40]} is no span of time in seconds")
    return round(value * SECOND_US)


def event_time(value: datetime | int | float | None, name: str, now_us: int | None) -> int:
    """The event's own time, checked against the reader's clock where it has one.

    Raises:
        BadTime: missing zone, absurd, or more than an hour ahead of `now_us`.
    """
    at = timestamp(value, name) if value is not None else missing_time(name)
    if now_us is not None and at > now_us + AHEAD_US:
        raise BadTime(name, f"{str(value)[:40]} lies more than an hour ahead of now")
    return at


def missing_time(name: str) -> int:
    """Says that the time is missing.

    Raises:
        BadTime: always.
    """
    raise BadTime(name, "every event has a time: RFC 3339 with a zone, or seconds since 1970")


CHECKS = {"no_entity": no_entity, "decimal": decimal, "timestamp": timestamp, "duration": duration}
