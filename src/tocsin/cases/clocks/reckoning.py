"""When a span that starts at a moment runs out.

Receives a calendar, a start and a span. Gives the last moment that is in time. Days are counted from the day after the
start, and the last one counts whole; a month ends on the day of its number, or on the month's last day where there is
none. So reckon Arts 201 to 203 of China's Civil Code and Art 3 of the EU's Regulation 1182/71. A last day that is no
working day stays the last day: the earlier date is the safe one.
"""

import calendar as gregorian
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from tocsin.cases.clocks.calendar import Calendar, DayKind, end_of, is_arranged, is_working, kind_of
from tocsin.cases.clocks.moment import at_local, check_start, day_of, last_of_day, moment_us
from tocsin.model.errors import ClockError
from tocsin.rulebook.duties.span import Span, Unit, until_of

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
SEARCH_DAYS = 4_400
"""How far working days are looked for: the longest span on an ordinary calendar, and some closures."""
ONE_DAY = timedelta(days=1)


class DayCounted(Struct, frozen=True):
    """One local day on the way to a due time."""

    day: date
    kind: DayKind


class Reckoning(Struct, frozen=True):
    """A due time, and whether it may still change because a year's working days are not published yet."""

    due_us: int
    provisional: bool


def reckon(calendar: Calendar, start_us: int, span: Span) -> Reckoning:
    """The last moment in time of a span.

    Raises:
        ClockError: a start out of range, a span `as stated` whose date is not given, or no working day in ten years.
    """
    check_start(start_us)
    due_us = _due(calendar, start_us, span)
    first, last = day_of(start_us, calendar.zone).year, day_of(due_us, calendar.zone).year
    counts = span.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}
    provisional = counts and not all(is_arranged(calendar, year) for year in range(first, last + 1))
    return Reckoning(due_us, provisional)


def days_between(calendar: Calendar, start_us: int, due_us: int) -> list[DayCounted]:
    """The local days after the start's, up to the due time's, and what each is; for people who check a date."""
    first, last = day_of(start_us, calendar.zone), day_of(due_us, calendar.zone)
    if (last - first).days > SEARCH_DAYS:
        raise ClockError("too many days to show")
    return [DayCounted(day, kind_of(calendar, day)) for day in _days_after(first) if day <= last]


def _due(calendar: Calendar, start_us: int, span: Span) -> int:
    first = day_of(start_us, calendar.zone)
    match span.unit:
        case Unit.AT_ONCE:
            return start_us
        case Unit.MINUTES | Unit.HOURS:
            return start_us + span.count * (MINUTE_US if span.unit is Unit.MINUTES else HOUR_US)
        case Unit.END_OF_DAY:
            end = end_of(calendar, first)
            return end if end >= start_us else last_of_day(first, calendar.zone)
        case Unit.DAYS:
            return end_of(calendar, first + span.count * ONE_DAY)
        case Unit.MONTHS:
            return end_of(calendar, add_months(first, span.count))
        case Unit.YEARS:
            return end_of(calendar, add_months(first, 12 * span.count))
        case Unit.WORKING_DAYS:
            return end_of(calendar, _nth_working_day(calendar, first, span.count))
        case Unit.WORKING_HOURS:
            return _after_working_hours(calendar, start_us, span.count * HOUR_US)
        case Unit.UNTIL:
            until = until_of(span)
            return moment_us(until) if isinstance(until, datetime) else end_of(calendar, until)
        case Unit.STATED:
            raise ClockError("this deadline is the one that the notice states; give its date")


def add_months(day: date, months: int) -> date:
    """The day of the same number some months later, or that month's last.

    >>> add_months(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _days_after(first: date) -> Iterator[date]:
    return (first + number * ONE_DAY for number in range(1, SEARCH_DAYS + 1))


def _nth_working_day(calendar: Calendar, first: date, count: int) -> date:
    for day in _days_after(first):
        count -= is_working(calendar, day)
        if not count:
            return day
    raise _never(calendar)


def _after_working_hours(calendar: Calendar, start_us: int, wanted_us: int) -> int:
    """The moment at which so much working time has passed; on a calendar without hours the whole day is worked."""
    first = day_of(start_us, calendar.zone)
    left = wanted_us
    for day in (first, *_days_after(first)):
        if not is_working(calendar, day):
            continue
        opens, closes = _worked(calendar, day)
        begins = max(opens, start_us)
        if closes - begins >= left:
            return begins + left
        left -= max(closes - begins, 0)
    raise _never(calendar)


def _worked(calendar: Calendar, day: date) -> tuple[int, int]:
    """From when to when a working day is worked."""
    opens = calendar.hours.opens if calendar.hours else time(0)
    closes = end_of(calendar, day) + (0 if calendar.hours else 1)
    return at_local(day, opens, calendar.zone), closes


def _never(calendar: Calendar) -> ClockError:
    return ClockError(f"calendar {calendar.name[:40]} has too few working days in the years to come")
