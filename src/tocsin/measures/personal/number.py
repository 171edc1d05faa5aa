"""Numbers that name a person, told by their check digits.

Receives digits. Gives whether they are a card, a Chinese identity number or an IBAN. Sources: ISO/IEC 7812-1 (Luhn), GB
11643-1999 (ISO 7064 MOD 11-2 over 17 digits, with a region and a birth date), ISO 13616 (MOD 97-10).
"""

from datetime import date

_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"


def is_card(digits: str) -> bool:
    """Whether digits are a bank card's number: 13 to 19 of them, with Luhn's check.

    >>> is_card("4111111111111111"), is_card("4111111111111112")
    (True, False)
    """
    if not (13 <= len(digits) <= 19 and digits.isascii() and digits.isdigit()):
        return False
    doubled = [int(sign) * (1 + place % 2) for place, sign in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_chinese_id(text: str) -> bool:
    """Whether 18 signs are a Chinese identity number: a birth date, and the check sign.

    >>> is_chinese_id("11010519491231002X"), is_chinese_id("110105194912310021")
    (True, False)
    """
    if len(text) != 18 or not (text.isascii() and text[:17].isdigit()):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return chinese_id_check(text[:17]) == text[17].upper()


def chinese_id_check(digits: str) -> str:
    """The check sign of the first 17 digits."""
    total = sum(int(sign) * weight for sign, weight in zip(digits, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def is_iban(text: str) -> bool:
    """Whether signs are an IBAN.

    >>> is_iban("DE89370400440532013000"), is_iban("DE88370400440532013000")
    (True, False)
    """
    if not (15 <= len(text) <= 34 and text.isascii() and text.isalnum()):
        return False
    turned = text[4:].upper() + text[:4].upper()
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
