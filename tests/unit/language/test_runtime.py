"""What both engines take from one function is held against what it should say."""

import random
from fractions import Fraction

import pytest

from tests.golden.language.test_author_errors import SCOPE
from tocsin.language.condition import read_expression
from tocsin.language.errors import ConditionError
from tocsin.language.writers.runtime import any_in, distance_km, ip_in, similarity


def distance(left: str, right: str) -> int:
    """Levenshtein's distance by its definition."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def test_similarity_is_the_rounded_share_that_need_not_change() -> None:
    draw = random.Random(5)
    for _ in range(300):
        left, right = ("".join(draw.choices("ab中", k=draw.randrange(8))) for _ in range(2))
        longest = max(len(left), len(right))
        share = Fraction(longest - distance(left, right), longest) if longest else Fraction(1)
        assert similarity(left, right) == int(share * 10_000 + Fraction(1, 2))


@pytest.mark.parametrize(
    ("places", "km"),
    [
        ((39.9042, 116.4074, 31.2304, 121.4737), 1_067.3),
        ((51.5074, -0.1278, 48.8566, 2.3522), 343.6),
        ((0, 179.5, 0, -179.5), 111.2),
        ((90, 0, -90, 0), 20_015.1),
        ((10, 20, 10, 20), 0),
    ],
)
def test_distances_are_those_of_the_globe(places: tuple[float, ...], km: float) -> None:
    found = distance_km(*(round(place * 10_000) for place in places))
    assert found is not None
    assert abs(found / 10_000 - km) < 0.6


def test_off_the_globe_there_is_no_distance() -> None:
    assert distance_km(900_001, 0, 0, 0) is None
    assert distance_km(0, 0, 0, -1_800_001) is None


@pytest.mark.parametrize(
    ("address", "network", "expected"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("ip:10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("::1", "10.0.0.0/8", False),
        ("2001:db8::5", "2001:db8::/32", True),
        ("10.1.2", "10.0.0.0/8", None),
        ("nobody", "10.0.0.0/8", None),
    ],
)
def test_an_address_lies_in_a_network_or_not_or_is_none(address: str, network: str, expected: bool | None) -> None:
    assert ip_in(address, network) is expected


def test_a_list_that_cannot_say_makes_any_of_them_unknown_unless_one_is_sure() -> None:
    answers = {"yes": True, "no": False, "unknown": None}

    def has(value: str, _: int) -> bool | None:
        return answers[value]

    assert any_in(has, ("no", "yes", "unknown"), 0) is True
    assert any_in(has, ("no", "unknown"), 0) is None
    assert any_in(has, ("no", "no"), 0) is False
    assert any_in(has, (), 0) is False


def test_bounds_add_up_before_they_can_overflow() -> None:
    assert read_expression(" + ".join(["age * age"] * 9), SCOPE).root.bound < 10**37
    with pytest.raises(ConditionError, match="more than 37 digits"):
        read_expression(" + ".join(["age * age"] * 11), SCOPE)
