"""Public holidays and working days that were moved to weekends.

Receives a country, a region and a year. Gives the days off and the weekend days on which people work, as the library
`holidays` knows them. China publishes each year's arrangement late in the year before; until the library has it, only
the statutory holidays are known, and the year is not `arranged`.
"""

from datetime import date
from functools import lru_cache

import holidays
from msgspec import Struct

ARRANGED_YEARLY = frozenset({"CN"})
"""Countries whose adjusted working days are published anew for each year."""
LAST_YEAR = 2099
"""The last year for which the library computes the holidays of every country."""


class YearDays(Struct, frozen=True):
    """What is special about the days of one year in one place. `weekend` holds ISO weekdays, 1 to 7."""

    off: frozenset[date]
    working: frozenset[date]
    weekend: frozenset[int]
    arranged: bool


@lru_cache(512)
def days_of_year(country: str, region: str, year: int) -> YearDays:
    """The special days of a year.

    >>> date(2026, 2, 14) in days_of_year("CN", "", 2026).working
    True
    """
    known = holidays.country_holidays(country, subdiv=region or None, years=year)
    working = frozenset(day for day in known.weekend_workdays if day.year == year)
    return YearDays(
        off=frozenset(day for day in known if day.year == year) - working,
        working=working,
        weekend=frozenset(day + 1 for day in known.weekend),
        arranged=country not in ARRANGED_YEARLY or bool(working),
    )
