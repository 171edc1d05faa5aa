"""Spans of time as authors write them.

Receives texts such as `24h`. Gives microseconds. Never reads a clock.
"""

import re

SECOND_US = 1_000_000
UNITS = {"s": SECOND_US, "m": 60 * SECOND_US, "h": 3_600 * SECOND_US, "d": 86_400 * SECOND_US}
LONGEST_US = 1_000 * UNITS["d"]

_SPAN = re.compile(r"([0-9]{1,9})([smhd])")


def parse_span(text: str) -> int | None:
    """A span such as `30s`, `10m`, `24h` or `30d` in microseconds; None where the text is no span up to 1000 days.

    >>> parse_span("24h"), parse_span("1 day")
    (86400000000, None)
    """
    match = _SPAN.fullmatch(text)
    span = int(match[1]) * UNITS[match[2]] if match else 0
    return span if 0 < span <= LONGEST_US else None


def format_span(span_us: int) -> str:
    """The shortest text that `parse_span` reads as the same span.

    >>> format_span(86_400_000_000), format_span(90_000_000)
    ('1d', '90s')
    """
    for unit in ("d", "h", "m", "s"):
        if span_us % UNITS[unit] == 0:
            return f"{span_us // UNITS[unit]}{unit}"
    return f"{span_us}us"
