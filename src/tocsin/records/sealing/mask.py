"""What everybody may see of a value.

Receives a value of a kind. Gives a text that lets people tell two apart and nothing more: numbers and accounts show at
most their last four signs and two fifths, names their first sign, addresses of e-mail two letters and the country or kind
of their domain. How much is hidden is not shown.
"""

import re

from tocsin.records.sealing.personal import Personal, normal_form

STARS = "***"
LAST = 4
LENGTH_LIMIT = 1_024
"""What is longer is masked whole."""

_TAIL = re.compile(r"[0-9A-Za-z]*\Z")
_TOP_DOMAIN = re.compile(r"[a-z]{2,6}")


def mask(kind: Personal, value: str) -> str:
    """The value as it is shown by default.

    >>> mask(Personal.PHONE, "+86 138 0013 8000"), mask(Personal.NATIONAL_ID, "11010119900307803x")
    ('***8000', '***803X')
    >>> mask(Personal.NAME, "王小明"), mask(Personal.EMAIL, "wang@example.com"), mask(Personal.ACCOUNT, "u9")
    ('王***', 'w***@e***.com', '***')
    """
    if len(value) > LENGTH_LIMIT:
        return STARS
    normal = normal_form(kind, value)
    match kind:
        case Personal.PHONE | Personal.BANK_CARD | Personal.NATIONAL_ID | Personal.ACCOUNT:
            return _mask_number(normal)
        case Personal.NAME:
            return _first_letter(value.strip(), 2) + STARS
        case Personal.EMAIL:
            return _mask_email(normal)
        case _:
            return STARS


def _mask_number(normal: str) -> str:
    shown = min(LAST, len(normal) * 2 // 5)
    tail = normal[len(normal) - shown :]
    match = _TAIL.search(tail)
    return STARS + (match[0] if match else "")


def _mask_email(normal: str) -> str:
    local, _, domain = normal.rpartition("@")
    first, _, last = domain.rpartition(".")
    if not local or not first:
        return STARS
    top = f".{last}" if _TOP_DOMAIN.fullmatch(last) else ""
    return f"{_first_letter(local, 3)}{STARS}@{_first_letter(first, 3)}{STARS}{top}"


def _first_letter(text: str, at_least: int) -> str:
    """The first sign where it is a letter of a text that has enough others."""
    return text[0] if len(text) >= at_least and text[0].isalpha() else ""
