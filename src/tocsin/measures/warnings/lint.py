"""Whether a warning may be shown.

Receives the text of a warning and its language. Gives everything that may not stand in it: links, numbers, accounts,
requests, in whatever disguise. Run on templates when they are loaded, and on every rendered warning. Finds too much rather
than too little.
"""

import re
import unicodedata
from collections.abc import Iterator

from tocsin.measures.text.disguise import DIGIT_WORDS, Seen, digit_of, see
from tocsin.measures.text.fault import Fault
from tocsin.measures.text.plain import plain_faults
from tocsin.measures.warnings.forbidden import (
    ACCOUNTS,
    ALWAYS,
    ASKS,
    AT_HEAD,
    LINKS,
    LOWER_AFTER_DOT,
    NOT_BEFORE,
    ORDERS,
)

TAIL = "\ue000"
"""Stands for the last digits of a suspect identifier: the only number that a warning may hold."""

HEAD_LIMIT = 80
DIGITS_IN_A_ROW = 2
DIGITS_IN_ALL = 4
LATIN_IN_CHINESE = frozenset({"app", "ai", "sim", "qq", "wifi", "nfc", "vpn", "usb"})
_LATIN = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]+|[^A-Za-z\s]")


def warning_faults(text: str, lang: str) -> list[Fault]:
    """What may not stand in a warning. `TAIL` in the text stands for the last digits of a suspect identifier.

    >>> [fault.code for fault in warning_faults("Call 138 000 now.", "en")]
    ['number']
    >>> warning_faults("Do not pay. Call your bank.", "en")
    []
    """
    seen = see(text.replace(TAIL, "某" if lang == "zh" else "x"))
    found = [
        *_hidden(seen),
        *_letters(seen, lang),
        *_links(seen),
        *_numbers(seen, {seen_place for seen_place, place in enumerate(seen.places) if text[place] == TAIL}),
        *_accounts(seen),
        *_requests(seen, lang),
    ]
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.start, fault.end))


def template_faults(text: str, lang: str) -> list[Fault]:
    """What may not stand in the template of a warning: that, and what is not plain."""
    found = [*warning_faults(text, lang), *plain_faults(text, lang)]
    if TAIL in text:
        place = text.index(TAIL)
        found.append(Fault("disguise", "a sign that nobody sees", place, place + 1, "take it out"))
    return sorted(found, key=lambda fault: fault.start)


def _fault(seen: Seen, code: str, what: str, span: tuple[int, int], hint: str = "") -> Fault:
    return Fault(code, what, *seen.span(*span), hint)


def _hidden(seen: Seen) -> Iterator[Fault]:
    for start, end in _rows(seen.hidden):
        yield Fault("disguise", "a sign that nobody sees", start, end, "take it out")
    for start, end in _rows(seen.odd):
        yield Fault("disguise", "letters or digits in disguise", start, end, "write plain ones")


def _rows(places: tuple[int, ...]) -> list[tuple[int, int]]:
    """Stretches of places that follow one another."""
    rows: list[tuple[int, int]] = []
    for place in places:
        if rows and rows[-1][1] == place:
            rows[-1] = (rows[-1][0], place + 1)
        else:
            rows.append((place, place + 1))
    return rows


def _letters(seen: Seen, lang: str) -> Iterator[Fault]:
    for place, sign in enumerate(seen.text):
        category = unicodedata.category(sign)
        if category in {"So", "Co"}:
            yield _fault(seen, "disguise", "a picture instead of a word", (place, place + 1), "write it in words")
        elif category[0] == "L" and not _belongs(sign, lang):
            yield _fault(seen, "disguise", "a letter of another script", (place, place + 1), "write plain letters")
    if lang == "zh":
        for match in _LATIN.finditer(seen.text):
            if match[0].lower() not in LATIN_IN_CHINESE:
                hint = "say it in Chinese; a name in Latin letters may be an account"
                yield _fault(seen, "account", "a Latin word in Chinese", match.span(), hint)


def _belongs(sign: str, lang: str) -> bool:
    if sign.isascii():
        return True
    name = unicodedata.name(sign, "")
    return name.startswith("CJK UNIFIED") or sign == "〇" if lang == "zh" else name.startswith("LATIN")


def _links(seen: Seen) -> Iterator[Fault]:
    for pattern in (*LINKS, LOWER_AFTER_DOT):
        for match in pattern.finditer(seen.text):
            hint = "say where in the product or on which paper to look"
            yield _fault(seen, "link", "a link, or what looks like one", match.span(), hint)


def _numbers(seen: Seen, tails: set[int]) -> Iterator[Fault]:
    """Digits in a row, whatever stands between them save letters; digits in all; numbers read out in words."""
    row: list[int] = []
    plain, found = 0, False
    for place, sign in enumerate([*seen.text, "x"]):
        digit = digit_of(sign)
        plain += sign.isascii() and sign.isdigit()
        if digit or place in tails:
            row.append(place)
        elif sign.isalnum():
            digits = [each for each in row if each not in tails]
            if len(digits) > DIGITS_IN_A_ROW or (digits and len(digits) < len(row)):
                found = True
                yield _number(seen, (row[0], row[-1] + 1))
            row = []
    if plain > DIGITS_IN_ALL and not found:
        yield _number(seen, (0, len(seen.text)))
    yield from _spoken(seen)


def _spoken(seen: Seen) -> Iterator[Fault]:
    row: list[re.Match[str]] = []
    for match in [*_WORD.finditer(seen.text), None]:
        if match and (match[0].lower() in DIGIT_WORDS or digit_of(match[0])):
            row.append(match)
        elif match is None or match[0].isalnum():
            if len(row) > DIGITS_IN_A_ROW and any(len(each[0]) > 1 for each in row):
                yield _number(seen, (row[0].start(), row[-1].end()))
            row = []


def _number(seen: Seen, span: tuple[int, int]) -> Fault:
    hint = "no number but {suspect}; say which paper has the number, such as the back of the card"
    return _fault(seen, "number", "a number", span, hint)


def _accounts(seen: Seen) -> Iterator[Fault]:
    for pattern in ACCOUNTS:
        for match in pattern.finditer(seen.text):
            yield _fault(seen, "account", "an account, or what looks like one", match.span(), "name no account")


def _requests(seen: Seen, lang: str) -> Iterator[Fault]:
    for pattern in ALWAYS[lang]:
        for match in pattern.finditer(seen.text):
            hint = "write `do not open the link`" if lang == "en" else "写“不要打开链接”"
            yield _fault(seen, "request", f"the word `{match[0]}`", match.span(), hint)
    for pattern in ASKS[lang]:
        for match in pattern.finditer(seen.text):
            if not NOT_BEFORE[lang].search(_head(seen.text, match.start())):
                hint = "a warning asks for no answer; name a way that the person knows"
                yield _fault(seen, "request", "a request to answer", match.span(), hint)
    for pattern in ORDERS[lang]:
        for match in pattern.finditer(seen.text):
            head = _head(seen.text, match.start())
            if AT_HEAD[lang].search(head) and not NOT_BEFORE[lang].search(head):
                hint = "say what the fraudster asks for, or what not to do"
                yield _fault(seen, "request", "an order that a fraudster gives", match.span(), hint)


def _head(text: str, end: int) -> str:
    """What stands before a place, as far back as matters."""
    return text[:end] if end <= HEAD_LIMIT else "x" + text[end - HEAD_LIMIT : end]
