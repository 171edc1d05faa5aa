"""Reasons without the numbers of people.

Receives a text that goes where nothing can be taken out again: the audit log. Gives it with contacts and identity numbers
masked. Records and accounts keep their names (`case:7`, `account:13800138000`): by them an act is found. Never understands
a text; a name that somebody writes into a reason stays there.
"""

import re
from collections.abc import Mapping

from tocsin.records.sealing.contact import KINDS
from tocsin.records.sealing.mask import mask
from tocsin.records.sealing.personal import Personal

FEWEST = 9
"""Digits from which on a number may be somebody's; a date has eight."""

DEPTH = 8
_NAMED = re.compile(rf"(?<![A-Za-z0-9_])({'|'.join(KINDS)}):([^\s,;，；。]{{1,256}})", re.IGNORECASE)
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_:/\-])\+?[0-9](?:[ \-]?[0-9]){7,24}[Xx]?(?![A-Za-z0-9_])")


def scrub(text: str) -> str:
    """A text with contacts and identity numbers masked.

    >>> scrub("致电13800138000，wang@example.com"), scrub("phone:+8613800138000 on case:7, 2026-01-15, account:13800138000")
    ('致电***8000，w***@e***.com', 'phone:***8000 on case:7, 2026-01-15, account:13800138000')
    """
    if not text:
        return text
    text = _NAMED.sub(lambda found: f"{found[1]}:{mask(KINDS[found[1].lower()], found[2])}", text)
    text = _EMAIL.sub(lambda found: mask(Personal.EMAIL, found[0]), text)
    return _NUMBER.sub(_mask_number, text)


def scrub_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """The same for every text among facts."""
    return {name: _scrub_any(value, DEPTH) for name, value in facts.items()}


def _scrub_any(value: object, depth: int) -> object:
    if isinstance(value, str):
        return scrub(value)
    if depth and isinstance(value, Mapping):
        return {name: _scrub_any(each, depth - 1) for name, each in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_scrub_any(each, depth - 1) for each in value]
    return value


def _mask_number(found: re.Match[str]) -> str:
    text = found[0]
    if sum(sign.isdigit() for sign in text) < FEWEST:
        return text
    kind = Personal.NATIONAL_ID if text[-1] in "Xx" else Personal.PHONE
    return mask(kind, text)
