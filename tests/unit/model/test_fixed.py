"""Fixed-point numbers are exact, or refused."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model.errors import NumberOutOfRange
from tocsin.model.fixed import LIMIT, fixed_from_number, fixed_from_text, fixed_to_number


@given(st.integers(1 - LIMIT, LIMIT - 1))
def test_what_is_shown_reads_back_as_itself(units: int) -> None:
    shown = fixed_to_number(units)
    assert (fixed_from_number(shown) if isinstance(shown, float) else fixed_from_text(str(shown))) == units


@given(st.decimals(-(10**13), 10**13, allow_nan=False, places=7))
def test_a_text_is_rounded_half_to_even_at_the_fourth_place(number: Decimal) -> None:
    expected = int((number * 10_000).to_integral_value(ROUND_HALF_EVEN))
    assert fixed_from_text(str(number)) == expected


@pytest.mark.parametrize("text", ["NaN", "inf", "-Infinity", "1e15", "", "1_000", "١٢", "9" * 80, "1e999999999"])
def test_what_is_no_number_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(NumberOutOfRange):
        fixed_from_text(text)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300, 10**14, -(10**30)])
def test_floats_and_ints_beyond_the_limit_are_refused(number: float) -> None:
    with pytest.raises(NumberOutOfRange):
        fixed_from_number(number)
