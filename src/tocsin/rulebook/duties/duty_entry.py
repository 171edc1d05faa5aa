"""A duty as a pack declares it.

Receives one entry below `duties`, the regimes and the words that it may name. Gives a Duty, or problems.
"""

import re
from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from tocsin.language.document import Scalar
from tocsin.model.decision import PackId
from tocsin.model.event_type import Title
from tocsin.rulebook.duties.deadline_entry import Standing, read_deadlines, read_triggers
from tocsin.rulebook.duties.duty import Duty, DutyId, Provenance, Regime, Status
from tocsin.rulebook.duties.translation import bilingual
from tocsin.rulebook.duties.vocabulary import Vocabulary, known_word
from tocsin.rules.author import Author

NAME = re.compile(r"[A-Z]{2,6}[0-9]{0,4}-[0-9]{2,3}")
_KEYS = (
    *("regime", "law", "article", "title", "asks", "actors", "triggers", "deadlines", "evidence", "proof", "penalty"),
    *("status", "applies_on", "awaits", "provenance", "doubt", "stage", "version"),
)


class Known(Struct, frozen=True):
    """What a duty may name."""

    regimes: Mapping[str, Regime]
    words: Vocabulary


class _Texts(Struct, frozen=True):
    """What every duty says in both languages."""

    article: Title
    title: Title
    asks: Title
    proof: Title


def read_duty(author: Author, name: str, pack: PackId, known: Known) -> Duty | None:
    """The duty of one entry."""
    author.keys(_KEYS)
    if not NAME.fullmatch(name):
        author.wrong("bad-name", f"`{name[:60]}` is no name for a duty; write capitals and a number, such as CN-08")
    regime = _read_regime(author, known)
    texts = _read_texts(author)
    standing = _read_standing(author)
    triggers = read_triggers(author, known.words)
    deadlines = read_deadlines(author, triggers, standing)
    law, awaits, doubt = (bilingual(author, key, required=False) for key in ("law", "awaits", "doubt"))
    penalty, applies_on = _read_penalty(author, regime), _read_date(author)
    if standing.status is Status.ADOPTED and not {"applies_on", "awaits"} & set(author.entry.entries):
        author.wrong(
            "missing-key", "what is not in force needs `applies_on` or `awaits`: from when, or what is missing"
        )
    actors, evidence, stages = _read_words(author, known.words)
    version = author.number("version", 1, 9_999)
    if regime is None or texts is None:
        return None
    return Duty(
        id=DutyId(name),
        regime=regime.id,
        pack=pack,
        version=int(version or 1),
        law=law or regime.title,
        article=texts.article,
        title=texts.title,
        asks=texts.asks,
        actors=actors,
        triggers=triggers,
        deadlines=deadlines,
        evidence=evidence,
        proof=texts.proof,
        penalty=penalty,
        status=standing.status,
        applies_on=applies_on,
        awaits=awaits,
        provenance=standing.provenance,
        doubt=doubt,
        stages=stages,
        file=author.file,
        line=author.entry.line,
    )


def _read_texts(author: Author) -> _Texts | None:
    article, title, asks, proof = (bilingual(author, key) for key in ("article", "title", "asks", "proof"))
    return _Texts(article, title, asks, proof) if article and title and asks and proof else None


def _read_regime(author: Author, known: Known) -> Regime | None:
    node = author.scalar("regime", required=True)
    if node is None or not known_word(author, node, "regime", known.regimes):
        return None
    return known.regimes[node.text]


def _read_standing(author: Author) -> Standing:
    status = author.choice("status", Status, "unknown-choice", required=True) or Status.DRAFT
    provenance = author.choice("provenance", Provenance, "unknown-choice", required=True) or Provenance.UNVERIFIED
    return Standing(Status(status), Provenance(provenance))


def _read_words(author: Author, words: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """Actors, records and stages."""
    kinds = (("actors", "actor", words.actors), ("evidence", "record", words.records), ("stage", "stage", words.stages))
    return tuple(
        tuple(node.text for node in author.several(key, required=True) if known_word(author, node, what, known))
        for key, what, known in kinds
    )


def _read_penalty(author: Author, regime: Regime | None) -> Title | None:
    """A penalty in words, or one of the regime's by name, with the item that applies: `art-41/5`."""
    if "penalty" not in author.entry.entries:
        return None
    node = author.entry.entries["penalty"]
    if not isinstance(node, Scalar):
        return bilingual(author, "penalty")
    name, _, item = node.text.partition("/")
    if regime is None or name not in regime.penalties:
        known_word(author, Scalar(name, name, node.line, node.column), "penalty", regime.penalties if regime else ())
        return None
    title = regime.penalties[name]
    if not item:
        return title
    return Title(f"{title.en} (item {item})", f"{title.zh}（第 {item.replace(', ', '、')} 项）")


def _read_date(author: Author) -> date | None:
    node = author.scalar("applies_on")
    if node is None:
        return None
    try:
        return date.fromisoformat(node.text)
    except ValueError:
        author.wrong("bad-date", f"`{node.text[:40]}` is no date; write 2027-03-31", node)
        return None
