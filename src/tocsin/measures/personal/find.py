"""Finding personal data in a text.

Receives a text, and the entities that the record knows. Gives the places of personal data in it, disguises seen through.
Too much is found rather than too little: whoever writes can put it otherwise.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from msgspec import Struct

from tocsin.measures.personal.link import has_user_part
from tocsin.measures.personal.number import is_card, is_chinese_id, is_iban
from tocsin.measures.personal.spared import GAP, spare
from tocsin.measures.text.disguise import Seen, digit_of, see
from tocsin.measures.text.vocabulary import tail_of
from tocsin.model.entity import parse_entity

_NUMBER = re.compile(rf"\d(?:{GAP}\d){{6,}}(?:{GAP}[xX](?![A-Za-z]))?")
_DOT = r"(?:\[\.\]|\(\.\)|\.)"
_IPV4 = re.compile(rf"(?<![\d.])\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?![\d])")
_IPV6 = re.compile(r"(?<![0-9A-Za-z:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?![0-9A-Za-z:])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,9}://|www\.)[^\s，。；）)>\"']{1,2000}"
    r"|(?<![\w.@-])[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/[^\s，。；]{1,2000}",
    re.IGNORECASE,
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}\s{0,3}@\s{0,3}[\w-]{1,63}(?:\s{0,2}\.\s{0,2}[\w-]{1,63}){0,8}")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}\s{0,3}[\[({<]\s?at\s?[\])}>]\s{0,3}[\w.-]{1,255}", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}\s+at\s+[\w-]{1,63}\s+(?:dot|\.)\s+\w{2,24}", re.IGNORECASE)),
    ("handle", re.compile(r"(?<![\w.])@\s?[\w.]{2,64}")),
    ("handle", re.compile(r"wxid_\w{3,40}", re.IGNORECASE)),
    ("account", re.compile(
        r"(?:(?<![A-Za-z])(?:qq|wechat|whatsapp|telegram|line|skype|uid|user|account|id|phone|mobile|tel)"
        r"|微信|用户|账号|帐号|账户|卡号|号码|手机号?)"
        r"\s?(?:id|name|no\.?|number|号|名)?\s?(?:is|为|是)?\s?[:：#]?\s?(?=[A-Za-z0-9_.-]{0,63}\d)[A-Za-z0-9_.-]{4,64}",
        re.IGNORECASE,
    )),
    ("account", re.compile(
        r"(?:user ?name|account ?name|login|handle|用户名|微信号|昵称)\s?(?:is|为|是)?\s?[:：]\s?\S{2,64}", re.IGNORECASE
    )),
    ("id_number", re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z](?![A-Za-z0-9])")),
    ("id_number", re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-Da-d](?![A-Za-z0-9])")),
    ("device", re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z])")),
    ("identifier", re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z])")),
)  # fmt: skip


class Found(Struct, frozen=True):
    """Personal data from place `start` to `end` of a text. `kind` is phone, email, id_number, bank_card, bank_account, ip,
    url, handle, account, device, identifier, number or entity.
    """

    kind: str
    start: int
    end: int


def find_personal(text: str, known: Iterable[str] = ()) -> list[Found]:
    """Personal data in a text, in order. `known` are entities of the record (`account:zhang`), which are found by name.

    >>> [found.kind for found in find_personal("Paid by 4111 1111 1111 1111, mail a@b.example")]
    ['bank_card', 'email']
    >>> find_personal("Article 17(3) of Regulation (EU) 2022/2065, since 2026-02-13")
    []
    """
    seen = see(text)
    found = [
        Found(kind, *seen.span(start, end))
        for finder in (_numbers, _addresses, _patterns)
        for kind, start, end in finder(seen.text)
    ]
    found += _entities(seen, known)
    return sorted(set(found), key=lambda each: (each.start, -each.end))


def mask_personal(text: str) -> str:
    """The text with personal data masked: numbers show their last digits, everything else goes.

    >>> mask_personal("He wrote from +86 138 0000 5678.")
    'He wrote from +***5678.'
    """
    shown, place = [], 0
    for found in find_personal(text):
        if found.start < place:
            place = max(place, found.end)
            continue
        number = found.kind in {"phone", "number", "bank_card", "bank_account", "id_number"}
        tail = tail_of(see(text[found.start : found.end]).text) if number else ""
        shown += [text[place : found.start], "***", tail]
        place = found.end
    return "".join(shown) + text[place:]


_Spans = Iterator[tuple[str, int, int]]


def _numbers(text: str) -> _Spans:
    """Seven digits and more, however they are parted, Chinese ones too; dates, laws and amounts are spared."""
    digits = spare("".join(digit_of(sign) or sign for sign in text))
    for match in _NUMBER.finditer(digits):
        signs = re.sub(r"[^0-9xX]", "", match[0]).upper()
        plain = signs.rstrip("X")
        kind = "phone" if len(plain) <= 12 else "number"
        if is_chinese_id(signs) or is_chinese_id(plain):
            kind = "id_number"
        elif is_card(plain):
            kind = "bank_card"
        yield kind, match.start(), match.end()
    for match in _IBAN.finditer(text):
        if is_iban(re.sub(r"[ -]", "", match[0])):
            yield "bank_account", match.start(), match.end()


def _addresses(text: str) -> _Spans:
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _is_ip(re.sub(r"[\[\]()]", "", match[0])):
                yield "ip", match.start(), match.end()
    for match in _URL.finditer(text):
        if has_user_part(match[0]):
            yield "url", match.start(), match.end()


def _patterns(text: str) -> _Spans:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield kind, match.start(), match.end()


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return any(sign.isalnum() for sign in text)


def _entities(seen: Seen, known: Iterable[str]) -> Iterator[Found]:
    for ref in known:
        for pattern in _patterns_of(ref):
            for match in pattern.finditer(seen.text):
                yield Found("entity", *seen.span(match.start(), match.end()))


def _patterns_of(ref: str) -> Iterator[re.Pattern[str]]:
    """How an entity may stand in a text: as written, by its value, or with other signs between its letters."""
    entity = parse_entity(ref)
    value = see(entity.value if entity else ref).text.strip()
    if entity:
        yield re.compile(rf"{re.escape(entity.kind)}\W{{0,3}}{re.escape(value)}(?!\w)", re.IGNORECASE)
    if len(value) >= 2 and not value.isascii():
        yield re.compile(re.escape(value), re.IGNORECASE)
    signs = [sign for sign in value if sign.isalnum()]
    if value.isascii() and 3 <= len(signs) <= 200:
        between = r"[\W_]{0,3}".join(map(re.escape, signs))
        yield re.compile(rf"(?<![A-Za-z0-9]){between}(?![A-Za-z0-9])", re.IGNORECASE)
