"""The code of a notice, by which a person may object.

Receives nothing but chance. Gives a code that is short, cannot be guessed and can be typed by hand: eleven signs by chance
and one that checks them, out of 31 that nobody confuses (54 bits). Reads one back as people type it. Never says whose it
is.
"""

import secrets
import unicodedata
from typing import NewType

NoticeCode = NewType("NoticeCode", str)

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, 1, I, L or O. There are 31, a prime: each single slip and each exchange of two signs changes the check."""

LENGTH = 12
_GROUP = 4


def new_code() -> NoticeCode:
    """A new code, such as `7KQ3-MX9T-2HVA`."""
    drawn = "".join(secrets.choice(SIGNS) for _ in range(LENGTH - 1))
    return NoticeCode(_show(drawn + _check(drawn)))


def read_code(typed: str) -> NoticeCode | None:
    """The code that a person typed, whatever case, spaces, hyphens or wide signs; None where it is none.

    >>> read_code("no code") is None
    True
    """
    if len(typed) > 100:
        return None
    plain = unicodedata.normalize("NFKC", typed).upper()
    signs = "".join(sign for sign in plain if not sign.isspace() and unicodedata.category(sign) not in {"Pd", "Cf"})
    if len(signs) != LENGTH or any(sign not in SIGNS for sign in signs) or _check(signs[:-1]) != signs[-1]:
        return None
    return NoticeCode(_show(signs))


def _check(drawn: str) -> str:
    """The sign by which the weighted sum of all signs is a multiple of 31; weights differ, so an exchange shows."""
    total = sum(weight * SIGNS.index(sign) for weight, sign in enumerate(drawn, 2))
    return SIGNS[-total % len(SIGNS)]


def _show(signs: str) -> str:
    return "-".join(signs[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))
