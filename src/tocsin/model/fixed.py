"""Fixed-point decimals: four places, held as a 64-bit integer.

Receives numbers and texts from outside. Gives whole ten-thousandths, so that sums are exact in any order and on any
engine. Never wraps: what does not fit is a NumberOutOfRange.
"""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from tocsin.model.errors import NumberOutOfRange

SCALE = 10_000
"""Units in one whole."""

LIMIT = 10**18
"""Decimals lie strictly between -LIMIT and LIMIT units: 14 digits before the point, four after (DECIMAL(18, 4))."""

SURE = 2**50
"""Below this many units a float shows all four places."""

EXACT_FLOAT = 1e11
"""Below this a 64-bit float still determines the four places, so the quick way is exact."""

CLEAR_REST = 0.2
"""Nearer than this to a whole number of units, a scaled float below EXACT_FLOAT rounds as its text would."""


def fixed_from_number(number: float | int) -> int:
    """A JSON or CSV number as units of 1/10000, rounded half to even, just as its text would be.

    >>> fixed_from_number(12.34), fixed_from_number(-3), fixed_from_number(0.00005), fixed_from_number(1.00005)
    (123400, -30000, 0, 10000)

    Raises:
        NumberOutOfRange: NaN, an infinity, or 14 digits before the point are not enough.
    """
    if isinstance(number, float):
        scaled = number * SCALE
        if -EXACT_FLOAT < number < EXACT_FLOAT and abs(scaled - round(scaled)) < CLEAR_REST:
            return round(scaled)
        return fixed_from_text(repr(number))
    units = number * SCALE
    if not -LIMIT < units < LIMIT:
        raise NumberOutOfRange(f"{str(number)[:40]} has more than 14 digits before the point")
    return units


def fixed_from_text(text: str) -> int:
    """A decimal text as units of 1/10000, rounded half to even.

    >>> fixed_from_text("99999999999999.9999"), fixed_from_text("-0.1")
    (999999999999999999, -1000)

    Raises:
        NumberOutOfRange: not a finite decimal number, or more than 14 digits before the point.
    """
    try:
        number = Decimal(text.strip()) if len(text) <= 64 and text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise NumberOutOfRange(f"{text[:40]!r} is not a finite decimal number")
    if number.adjusted() > 14:
        raise NumberOutOfRange(f"{text[:40]} has more than 14 digits before the point")
    units = int((number * SCALE).to_integral_value(ROUND_HALF_EVEN))
    if not -LIMIT < units < LIMIT:
        raise NumberOutOfRange(f"{text[:40]} has more than 14 digits before the point")
    return units


def fixed_to_number(units: int) -> float | Decimal:
    """Units of 1/10000 as the number to show or to write in JSON, exact to the fourth place.

    >>> fixed_to_number(123400), fixed_to_number(999999999999999999)
    (12.34, Decimal('99999999999999.9999'))
    """
    if -SURE < units < SURE:
        return units / SCALE
    return Decimal(units).scaleb(-4)
