"""What the generated Python calls.

Receives values as rows hold them. Gives values. Every function here is total and runs in time linear in its input.
"""

import ipaddress
import math
from collections.abc import Callable
from functools import lru_cache

import re2
from rapidfuzz.distance import Levenshtein

from tocsin.language.constant import pattern_options
from tocsin.language.writers.literals import required_text
from tocsin.model.fixed import SCALE
from tocsin.model.value import Value

EARTH_KM = 6_371.0088
ADDRESS_CACHE = 65_536


def multiply(left: int, right: int) -> int:
    """The product of two decimals in units, rounded half away from zero.

    >>> multiply(15_000, 15_000)
    22500
    """
    return _half_away(left * right, SCALE)


def divide(left: int, right: int) -> int:
    """The quotient of two numbers of one scale in units, rounded half away from zero; `right` is not 0.

    >>> divide(1, 3), divide(-2, 3)
    (3333, -6667)
    """
    return _half_away(left * SCALE, right)


def _half_away(above: int, below: int) -> int:
    size, unit = abs(above), abs(below)
    quotient = (2 * size + unit) // (2 * unit)
    return quotient if (above >= 0) == (below > 0) else -quotient


def remainder(left: int, right: int) -> int:
    """What is left of a division that rounds towards zero; `right` is not 0."""
    rest = abs(left) % abs(right)
    return rest if left >= 0 else -rest


def round_units(units: int, step: int) -> int:
    """A decimal in steps of `step` units, rounded half away from zero."""
    return _half_away(units, step)


def floor_units(units: int, step: int) -> int:
    """The greatest number of steps that is not above."""
    return units // step


def ceil_units(units: int, step: int) -> int:
    """The least number of steps that is not below."""
    return -(-units // step)


def first_of(*values: Value) -> Value:
    """The first of the values that is there."""
    return next((value for value in values if value is not None), None)


def least(*values: int | str | None) -> int | str | None:
    """The least of the values that are there."""
    there = [value for value in values if value is not None]
    return min(there) if there else None


def greatest(*values: int | str | None) -> int | str | None:
    """The greatest of the values that are there."""
    there = [value for value in values if value is not None]
    return max(there) if there else None


def lower(text: str) -> str:
    """Each character in lower case by itself."""
    return text.lower() if text.isascii() else "".join(map(_lower_one, text))


def upper(text: str) -> str:
    """Each character in upper case by itself."""
    return text.upper() if text.isascii() else "".join(map(_upper_one, text))


@lru_cache(ADDRESS_CACHE)
def _lower_one(char: str) -> str:
    if char == "\u0130":
        return "i"
    found = char.lower()
    return found if len(found) == 1 else char


@lru_cache(ADDRESS_CACHE)
def _upper_one(char: str) -> str:
    code = ord(char)
    if char == "ß":
        return "ẞ"
    if 0x1F80 <= code <= 0x1FAF:
        return chr(code | 8)
    if code in {0x1FB3, 0x1FC3, 0x1FF3}:
        return chr(code + 9)
    found = char.upper()
    return found if len(found) == 1 else char


@lru_cache(4_096)
def matcher(pattern: str) -> Callable[[str], bool]:
    """A search for an RE2 pattern. A text that the pattern needs is looked for first: that is ten times quicker."""
    search = re2.compile(pattern, pattern_options()).search
    needed = required_text(pattern)
    if needed:
        return lambda text: needed in text and search(text) is not None
    return lambda text: search(text) is not None


@lru_cache(4_096)
def like_matcher(pattern: str) -> Callable[[str], bool]:
    """A search for a `like` pattern: % is any text, _ any one character."""
    body, marks = pattern.strip("%"), pattern
    if "_" not in pattern and "%" not in body:
        first, last = marks.startswith("%"), marks.endswith("%")
        if first and last:
            return lambda text: body in text
        if first:
            return lambda text: text.endswith(body)
        return (lambda text: text.startswith(body)) if last else (lambda text: text == body)
    written = "".join({"%": ".*", "_": "."}.get(char, re2.escape(char)) for char in pattern)
    match = re2.compile(f"(?s:{written})", pattern_options()).fullmatch
    return lambda text: match(text) is not None


@lru_cache(ADDRESS_CACHE)
def ip_in(address: str, network: str) -> bool | None:
    """Whether an address lies in a network; None where it is no address. `ip:` may stand before it."""
    try:
        return ipaddress.ip_address(address.removeprefix("ip:")) in ipaddress.ip_network(network)
    except ValueError:
        return None


def distance_km(lat1: int, lon1: int, lat2: int, lon2: int) -> int | None:
    """The great-circle distance in units, by the haversine on a sphere of 6,371.0088 km; None off the globe."""
    if max(abs(lat1), abs(lat2)) > 90 * SCALE or max(abs(lon1), abs(lon2)) > 180 * SCALE:
        return None
    a, b = math.radians(lat1 / SCALE), math.radians(lat2 / SCALE)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians((lon2 - lon1) / SCALE) / 2) ** 2
    return round(2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half))) * SCALE)


def similarity(left: str, right: str) -> int:
    """1 - Levenshtein distance / length of the longer, in units, rounded half away from zero.

    >>> similarity("kitten", "sitting")
    5714
    """
    longest = max(len(left), len(right))
    return divide(longest - Levenshtein.distance(left, right), longest) if longest else SCALE


def any_in(has: Callable[[str, int], bool | None], values: tuple[str, ...], at: int) -> bool | None:
    """Whether any of the values stands in a list; None where the list cannot say."""
    answers = [has(value, at) for value in values]
    return True if True in answers else None if None in answers else False


RUNTIME: dict[str, object] = {
    each.__name__: each
    for each in (
        *(multiply, divide, remainder, round_units, floor_units, ceil_units, first_of, least, greatest),
        *(lower, upper, ip_in, distance_km, similarity, any_in),
    )
}
"""Everything that generated code may name."""
