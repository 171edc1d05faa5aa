"""A text with places, such as `We have suspended {subject}.`

Receives what an author wrote and the places that are known. Gives its pieces, or problems with the place underlined, and
fills them. A place is filled once: what fills it is never read for places again.
"""

import re
from collections.abc import Callable, Collection

from msgspec import Struct

from tocsin.language.document import Mapping, Node, Scalar
from tocsin.measures.text.fault import Fault
from tocsin.rules.author import Author, near

LANGUAGES = ("en", "zh")
TEXT_LIMIT = 2_000
_PLACE = re.compile(r"\{([a-z_]{1,40})\}|[{}]")


class Piece(Struct, frozen=True):
    """Either words as they stand, or the name of a place."""

    text: str
    is_place: bool = False


class Text(Struct, frozen=True):
    """A text in one language. `written` is what the author wrote."""

    written: str
    pieces: tuple[Piece, ...]

    @property
    def places(self) -> frozenset[str]:
        """The names of its places."""
        return frozenset(piece.text for piece in self.pieces if piece.is_place)

    def fill(self, value_of: Callable[[str], str]) -> str:
        """The text with every place filled.

        >>> take_apart("Until {ends}.").fill({"ends": "Friday"}.__getitem__)
        'Until Friday.'
        """
        return "".join(value_of(piece.text) if piece.is_place else piece.text for piece in self.pieces)

    def blank(self, lang: str) -> str:
        """The text with every place taken by one harmless word of the same length, for linters."""
        letter = "某" if lang == "zh" else "a"
        return "".join(letter * (len(piece.text) + 2) if piece.is_place else piece.text for piece in self.pieces)


class Bilingual(Struct, frozen=True):
    """A text in both languages of the house."""

    en: Text
    zh: Text

    def of(self, lang: str) -> Text:
        """The text in Chinese for `zh`, else in English."""
        return self.zh if lang == "zh" else self.en

    @property
    def places(self) -> frozenset[str]:
        """The names of the places, which are the same in both languages."""
        return self.en.places


Lint = Callable[[str, str], Collection[Fault]]
"""Takes a text with its places blanked, and its language."""


def take_apart(text: str) -> Text:
    """The pieces of a text; braces that name no place stay words."""
    pieces: list[Piece] = []
    end = 0
    for found in _PLACE.finditer(text):
        if not found[1]:
            continue
        if found.start() > end:
            pieces.append(Piece(text[end : found.start()]))
        pieces.append(Piece(found[1], is_place=True))
        end = found.end()
    if end < len(text):
        pieces.append(Piece(text[end:]))
    return Text(text, tuple(pieces))


def read_bilingual(
    author: Author, entry: Node | None, known: Collection[str], lint: Lint | None = None
) -> Bilingual | None:
    """A text of both languages, `{en: …, zh: …}`, whose places are among the known ones."""
    if not isinstance(entry, Mapping):
        author.wrong("wrong-kind", "a text needs both languages: {en: …, zh: …}", entry)
        return None
    author.keys(LANGUAGES, entry)
    nodes = [author.scalar(lang, required=True, entry=entry) for lang in LANGUAGES]
    texts = [_read_text(author, node, known) for node in nodes if node]
    if len(texts) < len(LANGUAGES):
        return None
    for lang, node, text in zip(LANGUAGES, nodes, texts, strict=True):
        if node and lint and len(node.text) <= TEXT_LIMIT:
            author.wrong_in(node, [fault.as_problem(node.text) for fault in lint(text.blank(lang), lang)])
    for lang, node, own, other in zip(LANGUAGES, nodes, texts, texts[::-1], strict=True):
        for place in sorted(other.places - own.places):
            author.wrong("missing-place", f"`{lang}` lacks the place {{{place}}}, which the other language has", node)
    return Bilingual(*texts)


def _read_text(author: Author, node: Scalar, known: Collection[str]) -> Text:
    text = node.text
    if len(text) > TEXT_LIMIT:
        author.wrong("too-large", f"a text has at most {TEXT_LIMIT} characters", node)
        return Text(text, (Piece(text),))
    faults = []
    for found in _PLACE.finditer(text):
        if not found[1]:
            message, hint = "a brace stands alone; a place is written {name}", ""
        elif found[1] not in known:
            message, hint = f"there is no place {{{found[1]}}} here", near(found[1], known) or "no place may stand here"
        else:
            continue
        faults.append(Fault("unknown-place", message, found.start(), found.end(), hint))
    author.wrong_in(node, [fault.as_problem(text) for fault in faults])
    return take_apart(text)
