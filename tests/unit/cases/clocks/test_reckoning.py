"""When spans run out: the numbers that people check by hand."""

import calendar as gregorian
from datetime import date, datetime, time

import pytest

from tocsin.cases.clocks.calendar import Calendar, Hours, named_calendar
from tocsin.cases.clocks.moment import local_time, moment_us
from tocsin.cases.clocks.reckoning import DayKind, days_between, reckon
from tocsin.model.errors import ClockError
from tocsin.rulebook.duties.span import read_span

CALENDARS = {
    "CN": named_calendar("CN"),
    "TW": named_calendar("TW"),
    "GB-ENG": named_calendar("GB-ENG"),
    "every day": named_calendar("every day"),
    "office": Calendar(name="office", zone="Asia/Shanghai", country="CN", hours=Hours(time(9), time(18))),
    "weekdays": Calendar(name="weekdays", zone="Europe/Berlin", weekend=frozenset({6, 7})),
    "closed": Calendar(name="closed", zone="UTC", weekend=frozenset({6, 7}), closed=frozenset({date(2026, 3, 3)})),
}


def us(text: str) -> int:
    return moment_us(datetime.fromisoformat(text))


def due(calendar: str, start: str, span: str) -> str:
    used = CALENDARS[calendar]
    return local_time(reckon(used, us(start), read_span(span)).due_us, used.zone).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("calendar", "start", "span", "expected"),
    [
        # over the Chinese New Year: the Saturday made up counts, nine days do not
        ("CN", "2026-02-13T09:00+08:00", "3 working days", "2026-02-25T23:59:59+08:00"),
        ("CN", "2026-02-13T09:00+08:00", "1 working day", "2026-02-14T23:59:59+08:00"),
        ("CN", "2026-02-27T09:00+08:00", "1 working day", "2026-02-28T23:59:59+08:00"),
        ("CN", "2026-02-20T09:00+08:00", "1 working day", "2026-02-24T23:59:59+08:00"),
        ("CN", "2027-02-04T23:59+08:00", "1 working day", "2027-02-11T23:59:59+08:00"),
        ("TW", "2026-02-13T09:00+08:00", "1 working day", "2026-02-23T23:59:59+08:00"),
        # the day of the start is the local one
        ("CN", "2026-03-02T16:30+00:00", "1 working day", "2026-03-04T23:59:59+08:00"),
        # hours run through nights, holidays and changes of the clock
        ("CN", "2026-02-13T09:00+08:00", "24 hours", "2026-02-14T09:00:00+08:00"),
        ("GB-ENG", "2026-03-28T12:00+00:00", "24 hours", "2026-03-29T13:00:00+01:00"),
        ("GB-ENG", "2026-10-24T12:00+01:00", "24 hours", "2026-10-25T11:00:00+00:00"),
        ("GB-ENG", "2026-03-28T12:00+00:00", "1 day", "2026-03-29T23:59:59+01:00"),
        ("CN", "2026-02-13T09:00+08:00", "90 minutes", "2026-02-13T10:30:00+08:00"),
        # days, and the last one whole
        ("every day", "2026-02-01T10:00+00:00", "28 days", "2026-03-01T23:59:59+00:00"),
        ("every day", "2028-02-01T10:00+00:00", "28 days", "2028-02-29T23:59:59+00:00"),
        ("every day", "2026-12-31T10:00+00:00", "1 day", "2027-01-01T23:59:59+00:00"),
        # months end on the day of their number, or on the last
        ("every day", "2026-08-31T10:00+00:00", "at least 6 months", "2027-02-28T23:59:59+00:00"),
        ("every day", "2027-08-31T10:00+00:00", "6 months", "2028-02-29T23:59:59+00:00"),
        ("every day", "2026-01-31T10:00+00:00", "1 month", "2026-02-28T23:59:59+00:00"),
        ("every day", "2026-12-31T23:00+00:00", "2 months", "2027-02-28T23:59:59+00:00"),
        ("every day", "2028-02-29T00:00+00:00", "1 year", "2029-02-28T23:59:59+00:00"),
        ("every day", "2026-12-31T00:00+00:00", "3 months", "2027-03-31T23:59:59+00:00"),
        # what is due now, or today
        ("CN", "2026-02-13T09:00+08:00", "at once", "2026-02-13T09:00:00+08:00"),
        ("CN", "2026-02-15T09:00+08:00", "by the end of the day", "2026-02-15T23:59:59+08:00"),
        ("office", "2026-03-02T09:00+08:00", "by the end of the day", "2026-03-02T18:00:00+08:00"),
        ("office", "2026-03-02T18:01+08:00", "by the end of the day", "2026-03-02T23:59:59+08:00"),
        # fixed dates
        ("CN", "2026-02-13T09:00+08:00", "until 2026-03-01", "2026-03-01T23:59:59+08:00"),
        ("CN", "2026-02-13T09:00+08:00", "until 2026-03-01T12:00+00:00", "2026-03-01T20:00:00+08:00"),
        # working hours
        ("office", "2026-02-14T16:00+08:00", "4 working hours", "2026-02-24T11:00:00+08:00"),
        ("office", "2026-03-02T20:00+08:00", "1 working hour", "2026-03-03T10:00:00+08:00"),
        ("office", "2026-03-01T03:00+08:00", "9 working hours", "2026-03-02T18:00:00+08:00"),
        ("office", "2026-03-02T09:00+08:00", "1 working day", "2026-03-03T18:00:00+08:00"),
        ("weekdays", "2026-03-06T12:00+01:00", "24 working hours", "2026-03-09T12:00:00+01:00"),
        ("closed", "2026-03-02T12:00+00:00", "1 working day", "2026-03-04T23:59:59+00:00"),
    ],
)
def test_a_span_runs_out_when_people_reckon_it_does(calendar: str, start: str, span: str, expected: str) -> None:
    assert due(calendar, start, span) == expected


def test_years_are_leap_years_by_the_rule_and_not_by_four() -> None:
    assert gregorian.isleap(2000)
    assert due("every day", "2096-02-29T00:00+00:00", "4 years") == "2100-02-28T23:59:59+00:00"


def test_a_due_time_in_a_year_that_is_not_arranged_yet_is_provisional() -> None:
    span = read_span("5 working days")
    assert reckon(CALENDARS["CN"], us("2026-12-30T09:00+08:00"), span).provisional
    assert not reckon(CALENDARS["CN"], us("2026-12-20T09:00+08:00"), span).provisional
    assert not reckon(CALENDARS["CN"], us("2026-12-30T09:00+08:00"), read_span("5 days")).provisional


def test_the_days_on_the_way_say_what_they_are() -> None:
    start = us("2026-02-13T09:00+08:00")
    days = days_between(CALENDARS["CN"], start, reckon(CALENDARS["CN"], start, read_span("3 working days")).due_us)
    counted = [each.day.day for each in days if each.kind in {DayKind.WORKING, DayKind.ADJUSTED}]
    assert counted == [14, 24, 25]
    assert len(days) == 12


@pytest.mark.parametrize(
    ("start", "span", "message"),
    [
        ("2026-02-13T09:00+08:00", "as stated", "give its date"),
        ("1969-12-31T00:00+00:00", "1 day", "between 1970 and 2099"),
        ("2100-01-01T00:00+00:00", "1 day", "between 1970 and 2099"),
        ("2099-12-30T00:00+08:00", "5 working days", "not known after 2099"),
    ],
)
def test_what_cannot_be_reckoned_is_refused(start: str, span: str, message: str) -> None:
    with pytest.raises(ClockError, match=message):
        due("CN", start, span)


def test_a_platform_that_is_always_closed_is_told_so() -> None:
    shut = frozenset(date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(4_500))
    calendar = Calendar(name="shut", zone="UTC", closed=shut)
    for span in ("1 working day", "1 working hour"):
        with pytest.raises(ClockError, match="too few working days"):
            reckon(calendar, us("2026-01-01T00:00+00:00"), read_span(span))
