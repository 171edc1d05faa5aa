"""Moments and local days.

Receives microseconds since 1970 UTC and the names of zones. Gives local times and back. Never reads a clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.model.errors import ClockError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LATEST_US = 4_102_444_800_000_000
"""The end of 2099: no calendar of holidays reaches further."""


def local_time(at_us: int, zone: str) -> datetime:
    """A moment as the clocks of a zone show it.

    >>> local_time(0, "Asia/Shanghai").isoformat()
    '1970-01-01T08:00:00+08:00'
    """
    return (EPOCH + at_us * MICROSECOND).astimezone(ZoneInfo(zone))


def moment_us(moment: datetime) -> int:
    """Microseconds since 1970 UTC of a time with a zone.

    Raises:
        ClockError: the time has no zone.
    """
    if moment.tzinfo is None:
        raise ClockError(f"{moment.isoformat()} has no time zone; write it as {moment.isoformat()}+08:00")
    return (moment - EPOCH) // MICROSECOND


def read_moment(text: str) -> datetime:
    """A time as ISO 8601 writes it, such as `2026-02-13T09:00+08:00`. Its zone is not demanded here.

    Raises:
        ClockError: it is none.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ClockError(f"`{text[:40]}` is no time; write 2026-02-13T09:00+08:00") from None


def at_local(day: date, clock: time, zone: str) -> int:
    """The moment at which the clocks of a zone show a time; the first one where they show it twice."""
    return moment_us(datetime.combine(day, clock, ZoneInfo(zone)))


def day_of(at_us: int, zone: str) -> date:
    """The local day of a moment."""
    return local_time(at_us, zone).date()


def last_of_day(day: date, zone: str) -> int:
    """The last microsecond of a local day.

    Clocks that are put back or forward over midnight show it twice or never: the day ends with the last moment that
    bears its date.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone))
    ends = sorted(moment_us(midnight.replace(fold=fold)) - 1 for fold in (0, 1))
    return max((end for end in ends if day_of(end, zone) == day), default=ends[-1])


def check_start(at_us: int) -> None:
    """Whether a clock may start at a moment.

    Raises:
        ClockError: before 1970 or after 2099.
    """
    if not 0 <= at_us < LATEST_US:
        raise ClockError("a clock starts between 1970 and 2099")
