"""Which days count: weekends, holidays, adjusted days, closures, and days that clocks cut short or double."""

from datetime import date, datetime, time, timedelta

import pytest

from tocsin.cases.clocks.calendar import (
    Arrangement,
    Calendar,
    DayKind,
    Hours,
    as_law,
    end_of,
    is_arranged,
    is_working,
    kind_of,
    named_calendar,
)
from tocsin.cases.clocks.moment import day_of, last_of_day, local_time, moment_us
from tocsin.model.errors import ClockError

CN = named_calendar("CN")
MAKE_UP_2026 = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
"""The weekend days on which China works in 2026, as the State Council published them on 4 November 2025."""
OFF_2026 = {
    *(date(2026, 1, day) for day in range(1, 4)),
    *(date(2026, 2, day) for day in range(15, 24)),
    *(date(2026, 4, day) for day in range(4, 7)),
    *(date(2026, 5, day) for day in range(1, 6)),
    *(date(2026, 6, day) for day in range(19, 22)),
    *(date(2026, 9, day) for day in range(25, 28)),
    *(date(2026, 10, day) for day in range(1, 8)),
}


def test_china_works_in_2026_exactly_as_the_state_council_published() -> None:
    made_up = {date(2026, month, day) for month, day in MAKE_UP_2026}
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        expected = day in made_up or (day not in OFF_2026 and day.isoweekday() < 6)
        assert is_working(CN, day) is expected, day
    assert {day for day in made_up if kind_of(CN, day) is DayKind.ADJUSTED} == made_up


def test_the_new_year_of_2027_is_off_but_its_adjusted_days_are_not_known_and_we_say_so() -> None:
    assert all(not is_working(CN, date(2027, 2, day)) for day in range(5, 9))
    assert is_arranged(CN, 2026)
    assert not is_arranged(CN, 2027)
    assert is_arranged(named_calendar("SG"), 2027)


def test_an_arrangement_stands_in_place_of_what_the_library_knows() -> None:
    published = Arrangement(2027, off=frozenset({date(2027, 2, 12)}), working=frozenset({date(2027, 2, 7)}))
    calendar = Calendar(name="CN", zone="Asia/Shanghai", country="CN", arrangements=(published,))
    assert kind_of(calendar, date(2027, 2, 12)) is DayKind.HOLIDAY
    assert kind_of(calendar, date(2027, 2, 7)) is DayKind.ADJUSTED
    assert is_working(calendar, date(2027, 2, 8))
    assert is_arranged(calendar, 2027)


def test_an_adjusted_day_of_the_year_before_counts_though_only_the_next_year_names_it() -> None:
    assert kind_of(CN, date(2011, 12, 31)) is DayKind.ADJUSTED


def test_a_new_years_day_that_is_observed_in_the_old_year_is_off() -> None:
    assert kind_of(named_calendar("US", "America/New_York"), date(2021, 12, 31)) is DayKind.HOLIDAY


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("GB-ENG", date(2026, 4, 6)),
        ("AU-NSW", date(2026, 6, 8)),
        ("AU-VIC", date(2026, 11, 3)),
        ("SG", date(2026, 8, 10)),
        ("TW", date(2026, 2, 20)),
    ],
)
def test_each_place_has_its_own_holidays(name: str, day: date) -> None:
    assert kind_of(named_calendar(name), day) is DayKind.HOLIDAY
    assert is_working(named_calendar("every day"), day)


def test_a_weekend_may_be_another() -> None:
    friday, sunday = date(2026, 3, 6), date(2026, 3, 8)
    calendar = Calendar(name="own", zone="UTC", weekend=frozenset({5, 6}))
    assert (kind_of(calendar, friday), kind_of(calendar, sunday)) == (DayKind.WEEKEND, DayKind.WORKING)


def test_own_closures_weekends_and_hours_are_no_part_of_the_law() -> None:
    monday = date(2026, 3, 2)
    own = Calendar(
        name="CN",
        zone="Asia/Shanghai",
        country="CN",
        weekend=frozenset({1}),
        closed=frozenset({monday}),
        hours=Hours(time(9), time(18)),
    )
    assert kind_of(own, monday) is DayKind.CLOSED
    assert is_working(as_law(own), monday)
    assert as_law(own) == CN


def test_a_working_day_ends_at_closing_time_and_any_other_at_midnight() -> None:
    office = Calendar(name="office", zone="Asia/Shanghai", country="CN", hours=Hours(time(9), time(18)))
    assert local_time(end_of(office, date(2026, 3, 2)), "Asia/Shanghai").hour == 18
    assert local_time(end_of(office, date(2026, 3, 1)), "Asia/Shanghai").hour == 23


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Asia/Shanghai", date(2026, 2, 13)),
        ("America/Sao_Paulo", date(2018, 11, 3)),  # midnight is skipped
        ("America/Havana", date(2026, 10, 31)),  # midnight comes twice, both times on the next day
        ("America/St_Johns", date(2010, 11, 6)),  # the day comes back for an hour after its midnight
        ("Asia/Pyongyang", date(2018, 5, 4)),  # the last half hour is skipped
        ("Europe/London", date(2026, 3, 28)),
        ("Australia/Lord_Howe", date(2026, 4, 4)),
    ],
)
def test_a_day_ends_with_the_last_moment_that_bears_its_date(zone: str, day: date) -> None:
    end = last_of_day(day, zone)
    assert day_of(end, zone) == day
    assert all(day_of(end + step, zone) > day for step in (1, 3_600_000_000, 7_200_000_000))


def test_a_day_that_a_place_skipped_ends_where_it_would_have_begun() -> None:
    assert last_of_day(date(2011, 12, 30), "Pacific/Apia") == last_of_day(date(2011, 12, 29), "Pacific/Apia")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"zone": "Asia/Peking"}, "no time zone"),
        ({"zone": "../../etc/passwd"}, "no time zone"),
        ({"zone": "UTC", "country": "XX"}, "no calendar is known"),
        ({"zone": "UTC", "country": "AU", "region": "NWS"}, "did you mean `NSW`"),
        ({"zone": "UTC", "weekend": frozenset(range(1, 8))}, "not all of them"),
        ({"zone": "UTC", "weekend": frozenset({8})}, "weekdays from 1"),
        ({"zone": "UTC", "hours": Hours(time(18), time(9))}, "end before they begin"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ClockError, match=message):
        Calendar(name="x", **wrong)


@pytest.mark.parametrize(
    ("name", "message"), [("DE", "name one such as Europe/Berlin"), ("Narnia", "no calendar"), ("CN-XX", "no region")]
)
def test_a_calendar_without_a_zone_or_a_place_is_refused(name: str, message: str) -> None:
    with pytest.raises(ClockError, match=message):
        named_calendar(name)
    assert named_calendar("DE", "Europe/Berlin").country == "DE"


def test_holidays_beyond_2099_are_not_guessed() -> None:
    with pytest.raises(ClockError, match="not known after 2099"):
        kind_of(CN, date(2100, 1, 1))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ClockError, match="has no time zone"):
        moment_us(datetime(2026, 2, 13, 9))
