"""When a delivery is tried again.

Receives how often it was tried and what the receiver said. Gives the next time, or none when it is given up after some
days. The spans are those that the Standard Webhooks specification recommends, each with jitter.
"""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tocsin.model.window import SECOND_US

SPANS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before the second, third ... attempt: three days and more in all."""

JITTER = 0.2
WAIT_MOST_S = 86_400


def next_try(attempts: int, now_us: int, draw: random.Random, asked_s: float | None = None) -> int | None:
    """The time of the next attempt after `attempts` failed ones; `asked_s` is what the receiver's Retry-After says.

    >>> next_try(1, 0, random.Random(1)) >= 4 * SECOND_US, next_try(10, 0, random.Random(1)) is None
    (True, True)
    """
    if attempts > len(SPANS_S):
        return None
    span_s = SPANS_S[attempts - 1] * (1 + JITTER * (2 * draw.random() - 1))
    if asked_s is not None:
        span_s = max(span_s, min(asked_s, WAIT_MOST_S))
    return now_us + round(span_s * SECOND_US)


def read_retry_after(text: str, now_us: int) -> float | None:
    """Seconds from a Retry-After header: a number, or a date.

    >>> read_retry_after("120", 0), read_retry_after("soon", 0)
    (120.0, None)
    """
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, at.timestamp() - datetime.fromtimestamp(now_us / SECOND_US, UTC).timestamp())
