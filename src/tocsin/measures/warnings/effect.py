"""What warnings achieve.

Receives how often each was delivered, seen and heeded. Gives shares with their uncertainty. Never compares with people who
were not warned: that is an experiment's work.
"""

from collections.abc import Iterable
from math import sqrt

from msgspec import Struct

from tocsin.model.errors import WarningWrong

Z95 = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""


class WarningCount(Struct, frozen=True):
    """How often a warning was delivered, seen of these, and heeded of those."""

    template: str
    delivered: int
    seen: int
    heeded: int


class Share(Struct, frozen=True):
    """A share with its Wilson interval of 95 %."""

    value: float
    low: float
    high: float


class Effect(Struct, frozen=True):
    """What one warning achieved: seen of delivered, heeded of seen. None where there is nothing to divide by."""

    count: WarningCount
    seen: Share | None
    heeded: Share | None


def effects_of(counts: Iterable[WarningCount]) -> list[Effect]:
    """The effect of each warning, counts of the same template added, by name.

    Raises:
        WarningWrong: more seen than delivered, or more heeded than seen.
    """
    totals: dict[str, WarningCount] = {}
    for count in counts:
        if not 0 <= count.heeded <= count.seen <= count.delivered:
            raise WarningWrong(f"`{count.template[:60]}`: heeded <= seen <= delivered does not hold")
        known = totals.get(count.template, WarningCount(count.template, 0, 0, 0))
        totals[count.template] = WarningCount(
            count.template, known.delivered + count.delivered, known.seen + count.seen, known.heeded + count.heeded
        )
    return [
        Effect(count, share_of(count.seen, count.delivered), share_of(count.heeded, count.seen))
        for _, count in sorted(totals.items())
    ]


def share_of(part: int, whole: int) -> Share | None:
    """A share with its Wilson score interval (Wilson 1927), which holds for small counts too; None of nothing.

    >>> share = share_of(8, 10)
    >>> share and (share.value, round(share.low, 3), round(share.high, 3))
    (0.8, 0.49, 0.943)
    """
    if whole <= 0:
        return None
    value, square = part / whole, Z95 * Z95 / whole
    centre = (value + square / 2) / (1 + square)
    reach = Z95 / (1 + square) * sqrt(value * (1 - value) / whole + square / (4 * whole))
    return Share(value, min(value, max(0.0, centre - reach)), max(value, min(1.0, centre + reach)))
