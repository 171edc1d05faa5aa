"""The words that all texts of the loaded packs share.

Receives the sections `words`, `phrases` and `typologies`. Gives each word in a language, filled; and what every pack of
texts must have. Never holds a text of its own: all of them are content.
"""

from msgspec import Struct

from tocsin.measures.text.places import Bilingual
from tocsin.measures.text.subject import FUNCTIONS, KINDS, SUBJECTS, Decided, Source
from tocsin.model.entity import parse_entity
from tocsin.model.errors import NoticeWrong

NONE: frozenset[str] = frozenset()
TAIL_LIMIT = 4
_NAMED = frozenset({"name", "tail"})

WORDS: dict[str, frozenset[str]] = {
    **{f"measure.{kind}": NONE for kind in KINDS},
    **{f"function.{name}": NONE for name in FUNCTIONS},
    **{f"subject.{kind}": NONE for kind in (*SUBJECTS, "other")},
    **{f"suspect.{kind}": NONE for kind in (*SUBJECTS, "other")},
    **{f"source.{source}": NONE for source in Source},
    **{f"decided.{decided}": NONE for decided in Decided},
    **{f"detected.{answer}": NONE for answer in ("yes", "no")},
    **{f"grade.{grade}": NONE for grade in ("hint", "alert", "alarm")},
    "subject.tail": _NAMED,
    "suspect.tail": _NAMED,
    "end.fixed": frozenset({"date"}),
    "end.open": NONE,
    "until.fixed": frozenset({"date"}),
    "until.open": NONE,
    "also.none": NONE,
    "also.some": frozenset({"list"}),
    "also.one": frozenset({"measure", "subject"}),
}
"""Every word that texts are filled with, and the places that it must have."""


class Typology(Struct, frozen=True):
    """A class of fraud in words: its name, and what it is in two or three sentences."""

    name: Bilingual
    paragraph: Bilingual


class Vocabulary(Struct, frozen=True):
    """The words and the typologies of all loaded packs."""

    words: dict[str, Bilingual]
    typologies: dict[str, Typology]

    def word(self, name: str, lang: str, /, **values: str) -> str:
        """A word in a language, its places filled.

        Raises:
            NoticeWrong: the loaded packs have no such word.
        """
        found = self.words.get(name)
        if found is None:
            raise NoticeWrong(f"no loaded pack has the word `{name}`; require the pack `notices`")
        return found.of(lang).fill(values.__getitem__)

    def name_entity(self, ref: str, lang: str, group: str = "subject") -> str:
        """An entity in words, known only by its last signs: `your account (ending in 5678)`.

        `group` is `subject` for the reader's own and `suspect` for a stranger's, of which only digits are shown.
        """
        entity = parse_entity(ref)
        kind = entity.kind if entity and entity.kind in SUBJECTS else "other"
        name = self.word(f"{group}.{kind}", lang)
        tail = tail_of(entity.value if entity else ref, only_digits=group == "suspect")
        return self.word(f"{group}.tail", lang, name=name, tail=tail) if tail else name

    def typology(self, code: str) -> Typology:
        """A class of fraud in words.

        Raises:
            NoticeWrong: the loaded packs do not describe it.
        """
        found = self.typologies.get(code)
        if found is None:
            raise NoticeWrong(f"no loaded pack describes the typology `{code[:20]}`")
        return found


def tail_of(value: str, *, only_digits: bool = False) -> str:
    """The last signs by which somebody who knows an identifier recognises it: at most four, and at most half of it.

    >>> tail_of("+8613800005678"), tail_of("u-7788"), tail_of("")
    ('5678', '88', '')
    """
    signs = [sign for sign in value if sign.isascii() and (sign.isdigit() if only_digits else sign.isalnum())]
    return "".join(signs[-min(TAIL_LIMIT, len(signs) // 2) :]) if len(signs) > 1 else ""
