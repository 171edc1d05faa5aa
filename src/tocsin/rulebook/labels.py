"""What is known afterwards of events and entities.

Receives what a case, an appeal or a person found. Gives labels with the time at which each was learned, so that a rule can
be judged by what was known on a day. Never changes one: what was learned later stands over it.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.model.entity import ENTITY_LIMIT, parse_entity
from tocsin.model.typology import TYPOLOGIES
from tocsin.records.errors import LabelWrong
from tocsin.rulebook.lists import is_storable
from tocsin.rulebook.tables import Label

GOOD = "good"
AT_ONCE = 500


class NewLabel(Struct, frozen=True, kw_only=True):
    """What is known: a typology, or `good`. Of an event, an entity, or both; `confidence` is 1 to 100.

    `source` says where it comes from, such as `case:7` or `appeal:3`; `rule` names the rule that it speaks about.
    """

    label: str
    event: str = ""
    entity: str = ""
    source: str
    rule: str = ""
    confidence: int = 100


class RuleRecord(Struct, frozen=True):
    """How a rule has fared by what was learned since a time."""

    rule: str
    right: int
    wrong: int


def add_label(session: Session, wanted: NewLabel, by: str, now_us: int) -> Label:
    """Writes down what was learned; the same from the same source is written once.

    Raises:
        LabelWrong: what is wrong with it.
    """
    check_label(wanted)
    same = (Label.event == wanted.event, Label.entity == wanted.entity, Label.source == wanted.source)
    last = session.scalars(select(Label).where(*same).order_by(Label.number.desc()).limit(1)).first()
    if last is not None and (last.label, last.rule, last.confidence) == (wanted.label, wanted.rule, wanted.confidence):
        return last
    made = Label(
        event=wanted.event,
        entity=wanted.entity,
        label=wanted.label,
        source=wanted.source,
        rule=wanted.rule,
        confidence=wanted.confidence,
        learned_at=now_us,
        by=by,
    )
    session.add(made)
    session.flush()
    return made


def known_of(session: Session, entities: Sequence[str], as_known_at: int) -> dict[str, str]:
    """The label of each entity by what was known at a time; those of which nothing was known are left out."""
    found: dict[str, str] = {}
    for begin in range(0, len(entities), AT_ONCE):
        asked = select(Label.entity, Label.label).where(
            Label.entity.in_(entities[begin : begin + AT_ONCE]), Label.learned_at <= as_known_at
        )
        found |= {row[0]: row[1] for row in session.execute(asked.order_by(Label.learned_at, Label.number))}
    return found


def record_of(session: Session, rule: str, since: int) -> RuleRecord:
    """How often a rule was right and wrong by the labels that speak about it."""
    right, wrong = func.count().filter(Label.label != GOOD), func.count().filter(Label.label == GOOD)
    row = session.execute(select(right, wrong).where(Label.rule == rule, Label.learned_at >= since)).one()
    return RuleRecord(rule, *row)


def check_label(wanted: NewLabel) -> None:
    """Whether a label says something.

    Raises:
        LabelWrong: what is wrong with it.
    """
    if wanted.label != GOOD and wanted.label not in TYPOLOGIES:
        raise LabelWrong(f"a label is `{GOOD}` or a typology; `{wanted.label[:20]}` is neither")
    if not (wanted.event or wanted.entity):
        raise LabelWrong("a label is of an event or of an entity")
    if wanted.entity and (parse_entity(wanted.entity) is None or len(wanted.entity) > ENTITY_LIMIT):
        raise LabelWrong("an entity is written `kind:value`")
    if not 0 < len(wanted.source) <= 64 or len(wanted.event) > 256 or not is_storable(wanted.event + wanted.entity):
        raise LabelWrong("a label names its source in at most 64 characters, its event in at most 256")
    if not 1 <= wanted.confidence <= 100:
        raise LabelWrong("confidence is 1 to 100")
