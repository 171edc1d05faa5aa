"""Spans of time as laws and policies write them.

Receives texts such as `3 working days`. Gives Spans, or a problem with the place underlined. Never knows a calendar.
"""

import re
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from tocsin.model.errors import ClockError
from tocsin.model.problem import Problem
from tocsin.rules.author import near


class Unit(StrEnum):
    """What a span counts; the values are the words of the grammar."""

    AT_ONCE = "at once"
    END_OF_DAY = "by the end of the day"
    STATED = "as stated"
    UNTIL = "until"
    MINUTES = "minutes"
    HOURS = "hours"
    WORKING_HOURS = "working hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    MONTHS = "months"
    YEARS = "years"


LIMITS = {
    Unit.MINUTES: 525_600,
    Unit.HOURS: 87_600,
    Unit.WORKING_HOURS: 10_000,
    Unit.DAYS: 36_500,
    Unit.WORKING_DAYS: 2_500,
    Unit.MONTHS: 1_200,
    Unit.YEARS: 100,
}
"""The most that a span may count of each unit."""

YEARS = range(1970, 2201)
"""The years of fixed dates."""
GRAMMAR = (
    "write `at once`, `24 hours`, `28 days`, `3 working days`, `6 months`, `at least 6 months`, "
    "`by the end of the day`, `until 2026-03-01` or `as stated`"
)
_WHOLE = {unit.value: unit for unit in (Unit.AT_ONCE, Unit.END_OF_DAY, Unit.STATED)}
_COUNTED = {unit.value: unit for unit in LIMITS} | {unit.value.removesuffix("s"): unit for unit in LIMITS}
_SHAPE = re.compile(r"(?P<least>at least )?(?P<count>[0-9]{1,9}) (?P<unit>.+)", re.ASCII)
_TEXT_LIMIT = 80


class Span(Struct, frozen=True, kw_only=True):
    """How long something gives.

    `at_least` makes it a minimum: what it protects may not end sooner. `until` is the fixed date, or moment with a
    zone, of a span of that unit.
    """

    unit: Unit
    count: int = 0
    at_least: bool = False
    until: str = ""

    def __str__(self) -> str:
        """The text that `read_span` reads as the same span."""
        if self.unit is Unit.UNTIL:
            return f"{self.unit} {self.until}"
        if self.unit not in LIMITS:
            return self.unit
        unit = self.unit.removesuffix("s") if self.count == 1 else self.unit
        return f"{'at least ' if self.at_least else ''}{self.count} {unit}"


def read_span(text: str) -> Span:
    """The span of a text.

    >>> read_span("3 working days")
    Span(unit=<Unit.WORKING_DAYS: 'working days'>, count=3, at_least=False, until='')
    >>> str(read_span("at least 1 month"))
    'at least 1 month'

    Raises:
        ClockError: with the place underlined.
    """
    found = parse_span_text(text)
    if isinstance(found, Problem):
        raise ClockError(found.render())
    return found


def parse_span_text(text: str) -> Span | Problem:
    """The span of a text, or what is wrong with it and where."""
    words = " ".join(text.lower().split()) if len(text) <= _TEXT_LIMIT else ""
    if words in _WHOLE:
        return Span(unit=_WHOLE[words])
    if words.startswith("until "):
        return _read_until(text.strip())
    shape = _SHAPE.fullmatch(words)
    if shape is None:
        return _wrong(text, 0, len(text), f"`{text[:_TEXT_LIMIT]}` is no span of time", GRAMMAR)
    unit = _COUNTED.get(shape["unit"])
    if unit is None:
        start = max(text.lower().find(shape["unit"].split()[0]), 0)
        return _wrong(text, start, len(text), f"unknown unit `{shape['unit'][:40]}`", near(shape["unit"], _COUNTED))
    count = int(shape["count"])
    if not 1 <= count <= LIMITS[unit]:
        start = text.find(shape["count"])
        hint = "write `at once`" if count == 0 else ""
        message = f"a span counts 1 to {LIMITS[unit]:,} {unit}"
        return _wrong(text, start, start + len(shape["count"]), message, hint)
    return Span(unit=unit, count=count, at_least=bool(shape["least"]))


def stated_span(stated: str) -> Span:
    """The span until a date or a moment that a notice states.

    >>> str(stated_span("2026-03-01"))
    'until 2026-03-01'

    Raises:
        ClockError: it is neither a date nor a moment with a zone.
    """
    return read_span(f"until {stated}")


def until_of(span: Span) -> date | datetime:
    """The date or the moment of a span of the unit `until`."""
    return date.fromisoformat(span.until) if len(span.until) == len("2026-03-01") else _moment(span.until)


def _read_until(text: str) -> Span | Problem:
    place = len("until ")
    written = text[place:].strip()
    try:
        found = date.fromisoformat(written) if len(written) == len("2026-03-01") else _moment(written)
        if found.year not in YEARS:
            raise ValueError("out of range")
    except ValueError:
        message = f"`{written[:40]}` is neither a date nor a moment with a zone, from {YEARS[0]} to {YEARS[-1]}"
        return _wrong(text, place, len(text), message, "write `until 2026-03-01` or `until 2026-03-01T18:00+08:00`")
    return Span(unit=Unit.UNTIL, until=found.isoformat())


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment


def _wrong(text: str, start: int, end: int, message: str, hint: str = "") -> Problem:
    shown = text[:_TEXT_LIMIT]
    return Problem(message=message, code="bad-span", source=shown, start=start, end=min(end, len(shown)), hint=hint)
