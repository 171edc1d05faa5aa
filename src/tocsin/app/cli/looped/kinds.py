"""`tocsin measure kinds`: every kind of measure and the terms on which it is taken."""

from pathlib import Path

from msgspec import Struct

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import print_table
from tocsin.app.wording import LANGUAGES, Wording
from tocsin.measures.instruction import LIFT
from tocsin.measures.kind import DAY_US, FUNCTIONS, TERMS, MeasureKind
from tocsin.measures.text.vocabulary import Vocabulary
from tocsin.model.window import SECOND_US

HOUR_US = DAY_US // 24


class Shown(Struct, frozen=True):
    """A kind as machines read it. `people` is how many must decide, 0 where a rule may; `inverse` is None where nothing takes
    it back; `lasts_s` is None where it lasts until it is lifted; `name` is empty in a language for which packs have no word.
    """

    kind: str
    name: dict[str, str]
    level: int
    people: int
    subjects: list[str]
    scopes: list[str]
    lasts_s: int | None
    inverse: str | None


def show(places: list[Path], lang: str, *, as_json: bool) -> int:
    """Every kind, the mildest first, named in the words of the packs.

    Raises:
        PackError: the packs are wrong.
    """
    vocabulary = bootstrap.load_content(places)[1].vocabulary
    found = [_shown(kind, vocabulary) for kind in sorted(TERMS, key=lambda kind: TERMS[kind].level)]
    if as_json:
        print(to_json({"kinds": found}))
        return 0
    say = Wording(lang).say
    terms = (say("level"), say("who decides"), say("taken on"), say("functions"), say("lasts"), say("taken back by"))
    print_table((say("kind"), say("name"), *terms), (_cells(each, lang) for each in found))
    return 0


def _shown(kind: MeasureKind, vocabulary: Vocabulary) -> Shown:
    terms = TERMS[kind]
    known = f"measure.{kind}" in vocabulary.words
    return Shown(
        kind=kind,
        name={lang: vocabulary.word(f"measure.{kind}", lang) if known else "" for lang in LANGUAGES},
        level=terms.level,
        people=terms.people,
        subjects=sorted(terms.subjects),
        scopes=sorted(FUNCTIONS) if terms.scoped else [],
        lasts_s=None if terms.span_us is None else terms.span_us // SECOND_US,
        inverse=LIFT if terms.reversible else None,
    )


def _cells(found: Shown, lang: str) -> tuple[str, ...]:
    say = Wording(lang).say
    people = {0: say("a rule or a person"), 1: say("a person"), 2: say("two people")}[found.people]
    inverse = found.inverse or say("nothing: what was said stays said")
    lasts = _lasts(found.lasts_s, lang)
    subjects, scopes = ", ".join(found.subjects), ", ".join(found.scopes)
    return found.kind, found.name[lang], str(found.level), people, subjects, scopes, lasts, inverse


def _lasts(seconds: int | None, lang: str) -> str:
    say = Wording(lang).say
    if seconds is None:
        return say("until it is lifted")
    hours = seconds * SECOND_US // HOUR_US
    return say("{count} hours", count=hours) if hours < 48 else say("{count} days", count=hours // 24)
