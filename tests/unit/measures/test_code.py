"""The code of a notice: typed by hand, never guessed, each slip seen."""

import unicodedata

import pytest

from tocsin.measures.notices.code import LENGTH, SIGNS, new_code, read_code


def test_a_code_is_read_back_however_it_is_typed() -> None:
    code = new_code()
    bare = code.replace("-", "")
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (
        code,
        code.lower(),
        bare,
        f"  {bare[:5]} {bare[5:]}\n",
        code.replace("-", "—"),
        wide,
        f"{code}\u200b",
    ):
        assert read_code(typed) == code


def test_every_single_slip_and_every_exchange_is_seen() -> None:
    bare = new_code().replace("-", "")
    for place in range(LENGTH):
        for sign in SIGNS.replace(bare[place], ""):
            assert read_code(bare[:place] + sign + bare[place + 1 :]) is None
        for other in range(place + 1, LENGTH):
            turned = list(bare)
            turned[place], turned[other] = bare[other], bare[place]
            assert (read_code("".join(turned)) is None) is (bare[place] != bare[other])


def test_codes_are_many_and_hold_nothing_that_people_confuse() -> None:
    codes = {new_code() for _ in range(2_000)}
    assert len(codes) == 2_000
    assert not set("01ILO") & set("".join(codes))
    assert len(SIGNS) == 31


@pytest.mark.parametrize(
    "typed", ["", "7KQ3", "7KQ3-MX9T-2HV0", "7KQ3-MX9T-2HVAA", "x" * 1_000_000, "'; drop table notice"]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


def test_signs_are_plain_letters_and_digits() -> None:
    assert all(unicodedata.category(sign) in {"Lu", "Nd"} and sign.isascii() for sign in SIGNS)
