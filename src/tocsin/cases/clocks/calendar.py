"""Which days count.

Receives a country, a time zone and the platform's own closures and hours. Gives, for each local day, whether people
work on it and why not. Never reads a clock.
"""

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tocsin.cases.clocks.day import LAST_YEAR, YearDays, days_of_year
from tocsin.cases.clocks.moment import at_local, last_of_day
from tocsin.model.errors import ClockError
from tocsin.rulebook.duties.duty import Regime
from tocsin.rulebook.duties.regime_entry import EVERY_DAY, fault_of_country, is_zone


class DayKind(StrEnum):
    """What a day is."""

    WORKING = "working"
    ADJUSTED = "adjusted"
    """A weekend day on which people work, to make up for a day off."""
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    """The platform's own closure."""


WORKED = frozenset({DayKind.WORKING, DayKind.ADJUSTED})


class Hours(Struct, frozen=True):
    """From when to when people work on a working day, by local time."""

    opens: time
    closes: time


class Arrangement(Struct, frozen=True):
    """A year's official days as published; it stands in place of what the library knows of that year."""

    year: int
    off: frozenset[date]
    working: frozenset[date]


class Calendar(Struct, frozen=True, kw_only=True):
    """Which days count, and where they begin.

    `country` (and `region`) give public holidays and adjusted working days; without one every day counts, save a
    `weekend` of one's own (ISO weekdays, 1 to 7; None: the country's). `closed` and `hours` are the platform's own and
    count for internal clocks only.
    """

    name: str
    zone: str
    country: str = ""
    region: str = ""
    weekend: frozenset[int] | None = None
    closed: frozenset[date] = frozenset()
    hours: Hours | None = None
    arrangements: tuple[Arrangement, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what cannot be.

        Raises:
            ClockError: an unknown zone, country or region, a week without a day of work, or hours that end before
                they begin.
        """
        fault = fault_of_country(self.country, self.region) if self.country else ""
        if not is_zone(self.zone):
            fault = f"`{self.zone[:60]}` is no time zone; write one such as Asia/Shanghai"
        elif self.weekend is not None and not self.weekend < frozenset(range(1, 8)):
            fault = "a weekend is a set of weekdays from 1 (Monday) to 7, and not all of them"
        elif self.hours and self.hours.opens >= self.hours.closes:
            fault = "the hours end before they begin"
        if fault:
            raise ClockError(f"calendar {self.name[:40]}: {fault}")


def as_law(calendar: Calendar) -> Calendar:
    """The calendar by which a statutory clock runs: no closure, weekend or hours of the platform's own."""
    return replace(calendar, weekend=None, closed=frozenset(), hours=None)


def kind_of(calendar: Calendar, day: date) -> DayKind:
    """What a day is.

    >>> kind_of(Calendar(name="CN", zone="Asia/Shanghai", country="CN"), date(2026, 2, 14))
    <DayKind.ADJUSTED: 'adjusted'>
    """
    special = _special_days(calendar, day.year)
    weekend = special.weekend if calendar.weekend is None else calendar.weekend
    if day in calendar.closed:
        return DayKind.CLOSED
    if day in special.working:
        return DayKind.ADJUSTED
    if day in special.off:
        return DayKind.HOLIDAY
    return DayKind.WEEKEND if day.isoweekday() in weekend else DayKind.WORKING


def is_working(calendar: Calendar, day: date) -> bool:
    """Whether people work on a day."""
    return kind_of(calendar, day) in WORKED


def is_arranged(calendar: Calendar, year: int) -> bool:
    """Whether a year's working days are known for good; where not, what is computed is provisional."""
    return _special_days(calendar, year).arranged


def end_of(calendar: Calendar, day: date) -> int:
    """The last moment of a day that is in time: closing time on a working day with hours, else the day's own end.

    So does Art 203 of China's Civil Code, and Art 3 of the EU's Regulation 1182/71 for the day's own end.
    """
    if calendar.hours and is_working(calendar, day):
        return at_local(day, calendar.hours.closes, calendar.zone)
    return last_of_day(day, calendar.zone)


def calendar_of(regime: Regime) -> Calendar:
    """The official calendar of a regime."""
    name = "-".join(part for part in (regime.country, regime.region) if part) or EVERY_DAY
    return Calendar(name=name, zone=regime.zone, country=regime.country, region=regime.region)


ZONES: Mapping[str, str] = {
    "CN": "Asia/Shanghai",
    "TW": "Asia/Taipei",
    "SG": "Asia/Singapore",
    "GB": "Europe/London",
    "AU-NSW": "Australia/Sydney",
    "AU-VIC": "Australia/Melbourne",
}
"""Zones of calendars that can be named without one."""


def named_calendar(name: str, zone: str = "") -> Calendar:
    """The official calendar of a country (`CN`), of a region (`AU-NSW`), or of `every day`.

    Raises:
        ClockError: no such calendar, or one that needs a time zone beside it.
    """
    country, _, region = ("", "", "") if name == EVERY_DAY else name.partition("-")
    known = zone or ZONES.get(name) or ZONES.get(country) or ("UTC" if name == EVERY_DAY else "")
    fault = fault_of_country(country, region) if name != EVERY_DAY else ""
    if fault:
        raise ClockError(fault)
    if not known:
        raise ClockError(f"{name} has no time zone that is known; name one such as Europe/Berlin")
    return Calendar(name=name, zone=known, country=country, region=region)


_PLAIN = YearDays(frozenset(), frozenset(), frozenset(), arranged=True)


def _special_days(calendar: Calendar, year: int) -> YearDays:
    if not calendar.country:
        return _PLAIN
    if year > LAST_YEAR:
        raise ClockError(f"the holidays of {calendar.country} are not known after {LAST_YEAR}")
    known = days_of_year(calendar.country, calendar.region, year)
    for each in calendar.arrangements:
        if each.year == year:
            return YearDays(each.off, each.working, known.weekend, arranged=True)
    return known
