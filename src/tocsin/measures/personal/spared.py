"""Numbers that name nobody: dates, laws and amounts.

Receives a text. Gives it with these numbers taken by letters, so that no search for numbers finds them. A number that
touches another is not spared: a phone number in two halves may look like a year and a law.
"""

import re
from datetime import date

GAP = r"(?:[\s\-‐-―.·•()/\\_]{0,3}|[,、])"
"""What may stand between the digits of one number."""

_BEFORE, _AFTER = re.compile(rf"\d{GAP}\Z"), re.compile(rf"{GAP}\d")
_ISO = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-/.](\d\d?)[-/.](\d\d?)"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?(?!\d)"
)
_EUROPEAN = re.compile(r"(?<!\d)(\d\d?)[-/.](\d\d?)[-/.]((?:19|20)\d\d)(?!\d)")
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d(?!\d)")
_LAW = re.compile(r"(?<!\d)(?:(?:19|20)\d\d/\d{1,4}|\d{1,4}/(?:19|20)\d\d)(?!\d)")
_CURRENCY = r"(?:EUR|USD|GBP|CNY|RMB|SGD|TWD|AUD|HKD|[€$£¥]|元|万元|欧元|美元)"
_SUM = r"\d{1,3}(?:[,. ]\d{3}){1,3}(?:[.,]\d{1,2})?"
_AMOUNT = re.compile(rf"{_CURRENCY}\s?{_SUM}(?![\d])|(?<!\d){_SUM}\s?{_CURRENCY}")


def spare(text: str) -> str:
    """The text with dates, numbers of laws and amounts of money taken by letters of the same length.

    >>> spare("On 2026-02-13, EUR 1,250,000")
    'On xxxxxxxxxx, xxxxxxxxxxxxx'
    """
    spans = [
        match.span()
        for pattern in (_ISO, _EUROPEAN, _YEARS, _LAW, _AMOUNT)
        for match in pattern.finditer(text)
        if _is_real(pattern, match)
    ]
    spared = list(text)
    held = {place for start, end in spans for place in range(start, end)}
    for start, end in spans:
        if not _touches(text, start, end, held):
            spared[start:end] = "x" * (end - start)
    return "".join(spared)


def _is_real(pattern: re.Pattern[str], match: re.Match[str]) -> bool:
    if pattern is _ISO:
        return _is_date(match[1], match[2], match[3])
    if pattern is _EUROPEAN:
        return _is_date(match[3], match[2], match[1])
    return True


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _touches(text: str, start: int, end: int, held: set[int]) -> bool:
    """Whether a digit that is part of no date, law or amount stands beside, with nothing but a gap between."""
    before, after = _BEFORE.search(text, max(0, start - 5), start), _AFTER.match(text, end)
    beside = ([before.start()] if before else []) + ([after.end() - 1] if after else [])
    return any(place not in held for place in beside)
