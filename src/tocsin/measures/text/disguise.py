"""Seeing through disguises.

Receives a text. Gives it as a reader takes it: invisible signs dropped, letters and digits of every form as plain ones,
with the place of each in the text as written. Never judges what stands there.
"""

import unicodedata

from msgspec import Struct

CHINESE_DIGITS = {
    sign: str(place % 10)
    for signs in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖", "洞幺两叁肆伍陆拐捌勾")
    for place, sign in enumerate(signs)
}
"""Signs that stand for one digit when a number is read out, the signallers' ones among them."""

DIGIT_WORDS = frozenset(
    "zero oh nought one two three four five six seven eight nine double triple".split()  # noqa: SIM905
)
"""English words by which a number is read out."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
_SPACES = frozenset("\n\r\t")


class Seen(Struct, frozen=True):
    """A text as a reader takes it. `places` has, for each character, its place in the text as written."""

    text: str
    places: tuple[int, ...]
    hidden: tuple[int, ...]
    """Places of signs that nobody sees."""
    odd: tuple[int, ...]
    """Places of letters and digits in another form than the plain one: wide, circled, mathematical, foreign digits."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Places in the text as written, of places in this one."""
        if not self.places:
            return 0, 0
        first = self.places[min(start, len(self.places) - 1)]
        return first, self.places[min(max(end - 1, start), len(self.places) - 1)] + 1


def see(text: str) -> Seen:
    r"""The text without its disguises.

    >>> see("１３８\u200b①②").text
    '13812'
    """
    shown: list[str] = []
    places: list[int] = []
    hidden: list[int] = []
    odd: list[int] = []
    for place, sign in enumerate(text):
        category = unicodedata.category(sign)
        if category in _DROPPED and sign not in _SPACES:
            if category != "Mn":
                hidden.append(place)
            continue
        plain = _plain(sign)
        if plain != sign and plain.isalnum():
            odd.append(place)
        shown.append(plain)
        places += [place] * len(plain)
    return Seen("".join(shown), tuple(places), tuple(hidden), tuple(odd))


def digit_of(sign: str) -> str:
    """The digit that a sign stands for, or empty.

    >>> digit_of("7"), digit_of("幺"), digit_of("x")
    ('7', '1', '')
    """
    return sign if sign.isascii() and sign.isdigit() else CHINESE_DIGITS.get(sign, "")


def _plain(sign: str) -> str:
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", sign)
