"""What a decoded value must satisfy to enter a row.

Receives one value and its field's name. Gives the value as rows hold it (decimals and times as whole numbers), or
raises an EventError. Never sees JSON.
"""

import math
from datetime import datetime

from tocsin.model.errors import BadTime, NumberOutOfRange, ValueOutOfRange, WrongType
from tocsin.model.event_type import Field
from tocsin.model.fixed import EXACT_FLOAT, SCALE, fixed_from_number, fixed_from_text
from tocsin.model.value import INT_LIMIT, ValueType
from tocsin.model.window import SECOND_US

EARLIEST_US = 946_684_800 * SECOND_US
"""2000-01-01: no platform's event is older."""

LATEST_US = 4_102_444_800 * SECOND_US
"""2100-01-01."""

AHEAD_US = 3_600 * SECOND_US
"""How far an event's time may lie ahead of the clock of whoever reads it."""


class NeedsText(Exception):
    """A number so large that its float has lost digits; the reader decodes its text instead."""


def check_of(field: Field) -> str:
    """The Python expression that checks one field, with places for value and name; empty where the struct suffices."""
    if field.entity:
        prefix = f"{field.entity}:"
        fits = f"{{value}}.startswith({prefix!r}) and len({{value}}) > {len(prefix)}"
        return f"{{value}} if {fits} else no_entity({{value}}, {{name}}, {prefix!r})"
    match field.type:
        case ValueType.DECIMAL:
            quick = (
                f"round({{value}} * {SCALE}) if type({{value}}) is float and -{EXACT_FLOAT} < {{value}} < {EXACT_FLOAT}"
            )
            return f"{quick} else decimal({{value}}, {{name}})"
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
            raise NeedsText
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
        at = round(value.timestamp() * SECOND_US)
    elif isinstance(value, bool) or not abs(value) < INT_LIMIT:  # also where it is no number
        raise BadTime(name, "is not a time")
    else:
        at = round(value * SECOND_US)
        if not EARLIEST_US <= at < LATEST_US:
            hint = "; it looks like milliseconds" if EARLIEST_US <= value * 1_000 < LATEST_US else ""
            raise BadTime(name, f"{str(value)[:40]} seconds since 1970 is not between 2000 and 2100{hint}")
    if not EARLIEST_US <= at < LATEST_US:
        raise BadTime(name, f"{str(value)[:40]} is not between 2000 and 2100")
    return at


def duration(value: int | float, name: str) -> int:
    """Seconds as microseconds.

    Raises:
        ValueOutOfRange: not finite, or beyond 31,000 years.
    """
    if not abs(value) * SECOND_US < INT_LIMIT:  # also where it is no number
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


def wrong_type(name: str, expected: str, got: str) -> WrongType:
    """The error for a value of another type."""
    return WrongType(name, f"expected {expected}, got {got}")


CHECKS = {"no_entity": no_entity, "decimal": decimal, "timestamp": timestamp, "duration": duration}
