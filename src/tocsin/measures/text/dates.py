"""Times as people read them.

Receives a time in microseconds since 1970 UTC, a zone and a language. Gives it in the reader's language and zone, the
zone's distance from Greenwich said. Never reads the wall clock.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.lists import format_list

from tocsin.model.errors import NoticeWrong

_PATTERNS = {"en": "d MMMM y, HH:mm (OOOO)", "zh": "y年M月d日 HH:mm（OOOO）"}
_LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def show_time(at_us: int, zone: str, lang: str) -> str:
    """A time for a reader.

    >>> show_time(1_770_973_200_000_000, "Asia/Shanghai", "zh")
    '2026年2月13日 17:00（GMT+08:00）'
    >>> show_time(1_770_973_200_000_000, "Europe/Berlin", "en")
    '13 February 2026, 10:00 (GMT+01:00)'

    Raises:
        NoticeWrong: no such zone, or a time that no calendar has.
    """
    moment = moment_of(at_us, zone)
    return format_datetime(moment, _PATTERNS[lang], tzinfo=moment.tzinfo, locale=_LOCALES[lang])


def moment_of(at_us: int, zone: str) -> datetime:
    """A time in a zone.

    Raises:
        NoticeWrong: no such zone, or a time that no calendar has.
    """
    try:
        return (EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(zone))
    except (OSError, ValueError, KeyError):
        raise NoticeWrong(f"`{zone[:40]}` is no time zone; write one such as Asia/Shanghai") from None
    except OverflowError:
        raise NoticeWrong(f"{at_us} is no time that a calendar has") from None


def is_day(text: str) -> bool:
    """Whether a text is a day.

    >>> is_day("2026-02-01"), is_day("2026-2-1")
    (True, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def show_list(items: list[str], lang: str) -> str:
    """Several things in one sentence.

    >>> show_list(["a", "b", "c"], "en"), show_list(["甲", "乙", "丙"], "zh")
    ('a, b, and c', '甲、乙和丙')
    """
    return format_list(items, locale=_LOCALES[lang])
