"""What the places of a notice are filled with.

Receives the facts of one measure, lift or appeal, and the words of the loaded packs. Gives the value of each place in a
language, or says which fact is lacking. Never takes a text as it comes: invisible signs go, identifiers are shown by their
last signs only.
"""

import unicodedata
from collections.abc import Callable

from msgspec import Struct

from tocsin.measures.notices.facts import NoticeFacts
from tocsin.measures.personal.find import find_personal, mask_personal
from tocsin.measures.text.dates import show_list, show_time
from tocsin.measures.text.subject import FUNCTIONS, KINDS
from tocsin.measures.text.vocabulary import Vocabulary
from tocsin.model.errors import NoticeWrong
from tocsin.model.event_type import Title

FACT_LIMIT = 2_000
_OF_A_CASE = frozenset({"facts", "why"})


class Filling(Struct, frozen=True):
    """Gives the value of each place of a notice."""

    facts: NoticeFacts
    vocabulary: Vocabulary
    lang: str

    def value_of(self, place: str) -> str:
        """The value of one place.

        Raises:
            NoticeWrong: the fact that it states is lacking.
        """
        found = _VALUES.get(place)
        if found is None:
            raise NoticeWrong(f"no notice has a place {{{place[:40]}}}")
        return found(self)

    def word(self, name: str, **values: str) -> str:
        """A word in the reader's language."""
        return self.vocabulary.word(name, self.lang, **values)

    def time(self, at_us: int | None, fact: str) -> str:
        """A time in the reader's zone and language."""
        if at_us is None:
            raise NoticeWrong(f"the notice must state `{fact}`, and it is lacking")
        return show_time(at_us, self.facts.zone, self.lang)

    def text(self, text: Title | None, fact: str) -> str:
        """A text that somebody wrote, cleaned; in what is written of a case, identifiers are masked."""
        told = clean((text.zh if self.lang == "zh" else text.en) if text else "")
        if not told:
            raise NoticeWrong(f"the notice must state `{fact}`, and it is lacking")
        if fact in _OF_A_CASE:
            told = mask_personal(told)
        if any(found.kind == "entity" for found in find_personal(told, self.facts.hidden)):
            raise NoticeWrong(f"`{fact}` would say who reported; write it without that")
        return told

    def sentence(self, text: Title | None, fact: str) -> str:
        """A text as a whole sentence."""
        told = self.text(text, fact)
        return told if told[-1] in ".!?。！？…”’\"'）)" else told + ("。" if self.lang == "zh" else ".")

    def phrase(self, text: Title | None, fact: str) -> str:
        """A text as part of a sentence."""
        return self.text(text, fact).rstrip(".。 ")


def clean(text: str) -> str:
    r"""A text without invisible signs, on one line, at most 2,000 characters.

    >>> clean("a\u202eb\n c")
    'ab c'
    """
    kept = "".join(
        sign if unicodedata.category(sign) not in {"Cf", "Cs", "Co", "Cn"} else ""
        for sign in text[: FACT_LIMIT * 2].replace("\n", " ")
        if unicodedata.category(sign) != "Cc"
    )
    line = " ".join(kept.split())
    return line if len(line) <= FACT_LIMIT else line[: FACT_LIMIT - 1] + "…"


def _measure(filling: Filling, kind: str, function: str) -> str:
    if kind not in KINDS or (kind == "limit") is not (function in FUNCTIONS):
        raise NoticeWrong(f"`{kind[:40]}` with the function `{function[:40]}` is no measure that a person is told of")
    word = filling.word(f"measure.{kind}")
    if not function:
        return word
    name = filling.word(f"function.{function}")
    return f"{word}（{name}）" if filling.lang == "zh" else f"{word} ({name})"


def _function(filling: Filling) -> str:
    function = filling.facts.function
    if function not in FUNCTIONS:
        raise NoticeWrong(f"the notice must state which function is limited; `{function[:40]}` is none")
    return filling.word(f"function.{function}")


def _ends(filling: Filling) -> str:
    end = filling.facts.ends_at
    return filling.word("end.open") if end is None else filling.word("end.fixed", date=filling.time(end, "ends_at"))


def _until(filling: Filling) -> str:
    end = filling.facts.object_until
    if end is None:
        return filling.word("until.open")
    return filling.word("until.fixed", date=filling.time(end, "object_until"))


def _typology(filling: Filling) -> str:
    return filling.vocabulary.typology(filling.facts.typology or "OTHER").paragraph.of(filling.lang).fill(str)


def _also(filling: Filling) -> str:
    told = [
        filling.word(
            "also.one",
            measure=_measure(filling, each.measure, each.function),
            subject=filling.vocabulary.name_entity(each.subject, filling.lang),
        )
        for each in filling.facts.also
    ]
    return filling.word("also.some", list=show_list(told, filling.lang)) if told else filling.word("also.none")


def _materials(filling: Filling) -> str:
    told = [filling.phrase(each, "materials") for each in filling.facts.materials]
    if not told:
        raise NoticeWrong("the notice must state `materials`, what the person is to submit, and it is lacking")
    return show_list(told, filling.lang)


def _chosen(filling: Filling, group: str, fact: str, choice: str | None) -> str:
    if choice is None:
        raise NoticeWrong(f"the notice must state `{fact}`, and it is lacking")
    return filling.word(f"{group}.{choice}")


def _detected(filling: Filling) -> str:
    answer = filling.facts.detected_automatically
    return _chosen(filling, "detected", "detected_automatically", None if answer is None else "yes" if answer else "no")


def _code(filling: Filling) -> str:
    if filling.facts.code is None:
        raise NoticeWrong("the notice must state `code`, and it is lacking")
    return filling.facts.code


_VALUES: dict[str, Callable[[Filling], str]] = {
    "subject": lambda filling: filling.vocabulary.name_entity(filling.facts.subject, filling.lang),
    "measure": lambda filling: _measure(filling, filling.facts.measure, filling.facts.function),
    "function": _function,
    "starts": lambda filling: filling.time(filling.facts.starts_at, "starts_at"),
    "ends": _ends,
    "at": lambda filling: filling.time(filling.facts.at, "at"),
    "facts": lambda filling: filling.sentence(filling.facts.facts, "facts"),
    "typology": _typology,
    "source": lambda filling: _chosen(filling, "source", "source", filling.facts.source),
    "detected": _detected,
    "decided": lambda filling: _chosen(filling, "decided", "decided", filling.facts.decided),
    "ground": lambda filling: filling.phrase(filling.facts.ground, "ground"),
    "why": lambda filling: filling.sentence(filling.facts.why, "why"),
    "until": _until,
    "where": lambda filling: filling.sentence(filling.facts.where, "where"),
    "materials": _materials,
    "code": _code,
    "redress": lambda filling: filling.sentence(filling.facts.redress, "redress"),
    "also": _also,
    "answer_by": lambda filling: filling.time(filling.facts.answer_by, "answer_by"),
}
