"""What kinds of personal data there are, and when two of a kind are the same.

Receives a value as somebody wrote it. Gives the form in which equal values are equal. Never decides whether it is valid.
"""

import re
import unicodedata
from enum import StrEnum


class Personal(StrEnum):
    """A kind of personal data. `other` is whatever is private and none of these."""

    PHONE = "phone"
    EMAIL = "email"
    NATIONAL_ID = "national_id"
    BANK_CARD = "bank_card"
    NAME = "name"
    ACCOUNT = "account"
    OTHER = "other"


_CHINA = re.compile(r"(?:0{0,2}86)(1[0-9]{10})")


def normal_form(kind: Personal, value: str) -> str:
    """The value without what does not matter: width, blanks and hyphens in numbers, case in e-mail addresses and names.

    A Chinese mobile number is the same with and without +86. Accounts and other values only lose blanks at their ends.

    >>> normal_form(Personal.PHONE, "+86 138-0013-8000"), normal_form(Personal.NATIONAL_ID, "11010119900307803x")
    ('13800138000', '11010119900307803X')
    """
    match kind:
        case Personal.PHONE:
            digits = _digits(value)
            chinese = _CHINA.fullmatch(digits)
            return chinese[1] if chinese else digits or _folded(value)
        case Personal.BANK_CARD:
            return _digits(value) or _folded(value)
        case Personal.NATIONAL_ID:
            folded = _folded(value, r"[\s\-]")
            return folded.upper() if folded.isascii() else folded
        case Personal.EMAIL:
            return _folded(value)
        case Personal.NAME:
            return _folded(value, r"\s")
        case _:
            return value.strip()


def _digits(value: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", value) if "0" <= sign <= "9")


def _folded(value: str, dropped: str = r"^\s+|\s+$") -> str:
    """Without width, case and what is to be dropped, until nothing changes any more."""
    for _ in range(8):
        folded = re.sub(dropped, "", unicodedata.normalize("NFKC", value).casefold())
        if folded == value:
            break
        value = folded
    return value
