"""Everything that the records hold on one person.

Receives an entity and the terms. Gives every record about it, with the reason why it stays and until when. Contacts are
found by their blind index, whoever wrote them how. Shows no sealed text: that is asked for record by record.
"""

from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import Table, func, or_, select
from sqlalchemy.orm import Session

from tocsin.app.retention.standing import (
    Look,
    Stay,
    Why,
    appeal_stays,
    case_stays,
    measure_ended,
    measure_stays,
    message_stays,
    warning_stays,
)
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.case import CaseState
from tocsin.cases.tables import Case, CaseAnswer, CaseSubject
from tocsin.measures.tables import Measure
from tocsin.measures.warnings.tables import WarningRecord
from tocsin.model.entity import ENTITY_LIMIT, parse_entity
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import PersonalWrong
from tocsin.records.sealing.contact import find_contact
from tocsin.records.sealing.field import find_spots
from tocsin.records.sealing.scrub import scrub
from tocsin.records.table import Record
from tocsin.records.tables import Message
from tocsin.rulebook.tables import Label, ListEntry

COUNTED = frozenset(
    {
        *("case_file", "case_subject", "measure", "instruction", "notice", "warning", "clock", "message", "delivery"),
        "sealed_field",
    }
)
"""Tables with subjects that are listed, or that go with what is listed."""


class Held(Struct, frozen=True):
    """One record about a person. `stays` is why it cannot go now, or empty; `until` is when it may."""

    record: str
    state: str
    at: int
    stays: str = ""
    until: int | None = None


class PersonRecords(Struct, frozen=True):
    """What the records hold on a person. `elsewhere` counts rows of further tables that name the person."""

    entity: str
    held: bool
    records: list[Held]
    elsewhere: dict[str, int]


def show_person(session: Session, entity: str, purpose: str, look: Look, stamp: Stamp) -> PersonRecords:
    """Everything about an entity; that it was asked, by whom and what for, is in the audit log.

    Raises:
        PersonalWrong: it is no entity.
        SecretWrong: the sealing keys cannot be read.
    """
    check_entity(entity)
    found = [each for _, each in gather(session, entity, look)]
    report = PersonRecords(entity, look.holds(session, entity), found, elsewhere(session, entity))
    facts = {"records": len(found)}
    write_act(session, Act(stamp=stamp, act="person.show", record=name_of(entity), why=purpose, after=facts))
    return report


def gather(session: Session, entity: str, look: Look) -> Iterator[tuple[Record, Held]]:
    """Every record about an entity, in the order in which they can go."""
    for message in session.scalars(select(Message).where(Message.subject == entity).order_by(Message.number)).all():
        yield (
            message,
            _held("message", message.number, (message.type, message.at), message_stays(session, message, look)),
        )
    warned = select(WarningRecord).where(WarningRecord.subject == entity).order_by(WarningRecord.number)
    for warning in session.scalars(warned).all():
        state = (warning.template, warning.given_at)
        yield warning, _held("warning", warning.number, state, warning_stays(session, warning, look))
    for appeal in _appeals(session, entity):
        yield (
            appeal,
            _held("appeal", appeal.number, (appeal.state, appeal.received_at), appeal_stays(session, appeal, look)),
        )
    mine = select(Measure).where(Measure.subject == entity).order_by(Measure.number.desc())
    for measure in session.scalars(mine).all():
        state = (measure.state, measure_ended(measure))
        yield measure, _held("measure", measure.number, state, measure_stays(session, measure, look))
    for answer in _answers(session, entity):
        case = session.get_one(Case, answer.case_number)
        yield (
            answer,
            _held("case_answer", answer.number, (answer.to, answer.owed_at), answer_stays(session, case, look)),
        )
    for case in _cases(session, entity):
        yield case, _held("case", case.number, (case.state, case.opened_at), case_stays(session, case, look))
    kept = look.holds(session, entity)
    for label in session.scalars(select(Label).where(Label.entity == entity).order_by(Label.number)).all():
        stay = Stay(Why.HELD) if kept else look.kept("label", label.learned_at)
        yield label, _held("label", label.number, (label.label, label.learned_at), stay)
    bare = entity.partition(":")[2]
    for entry in session.scalars(select(ListEntry).where(ListEntry.value.in_((entity, bare)))).all():
        yield entry, _held("list_entry", entry.number, (entry.list, entry.added_at), _entry_stays(entry, kept, look))


def elsewhere(session: Session, entity: str) -> dict[str, int]:
    """Rows of further tables that name an entity as their subject."""
    found: dict[str, int] = {}
    for table in Record.metadata.sorted_tables:
        if "subject" in table.c and table.name not in COUNTED:
            count = _count(session, table, entity)
            found |= {table.name: count} if count else {}
    return found


def answer_stays(session: Session, case: Case, look: Look) -> Stay | None:
    """Why a contact to whom an answer was owed stays: as long as its case must."""
    if case.state == CaseState.OPEN:
        return Stay(Why.OPEN)
    if look.holds(session, f"case:{case.number}", case.subject):
        return Stay(Why.HELD)
    return look.kept("case", case.closed_at or case.opened_at)


def check_entity(entity: str) -> None:
    """Whether a text names a person.

    Raises:
        PersonalWrong: it is no entity.
    """
    if parse_entity(entity) is None or len(entity) > ENTITY_LIMIT or not entity.isprintable():
        raise PersonalWrong("a person is written `kind:value`, such as account:9 or phone:13800138000")


def name_of(entity: str) -> str:
    """How the audit log names a person: an account by its name, a contact by its mask.

    >>> name_of("account:9"), name_of("phone:13800138000")
    ('person:account:9', 'person:phone:***8000')
    """
    return f"person:{scrub(entity)}"


def _cases(session: Session, entity: str) -> list[Case]:
    beside = select(CaseSubject.case_number).where(CaseSubject.subject == entity)
    asked = select(Case).where(or_(Case.subject == entity, Case.number.in_(beside))).order_by(Case.number)
    return list(session.scalars(asked))


def _appeals(session: Session, entity: str) -> list[Appeal]:
    on_theirs = select(Measure.number).where(Measure.subject == entity)
    asked = select(Appeal).where(or_(Appeal.by == f"subject:{entity}", Appeal.measure.in_(on_theirs)))
    return list(session.scalars(asked.order_by(Appeal.number)))


def _answers(session: Session, entity: str) -> list[CaseAnswer]:
    contact = find_contact(entity)
    spots = [] if contact is None else find_spots(session, contact.kind, contact.value)
    numbers = [spot.of for spot in spots if spot.record == "case_answer"]
    asked = select(CaseAnswer).where(or_(CaseAnswer.to == entity, CaseAnswer.number.in_(numbers)))
    return list(session.scalars(asked.order_by(CaseAnswer.number)))


def _entry_stays(entry: ListEntry, kept: bool, look: Look) -> Stay | None:
    ended = min((each for each in (entry.ended_at, entry.expires_at) if each is not None), default=None)
    if ended is None or ended > look.now:
        return Stay(Why.OPEN)
    return Stay(Why.HELD) if kept else look.kept("list", ended)


def _count(session: Session, table: Table, entity: str) -> int:
    return session.scalars(select(func.count()).select_from(table).where(table.c.subject == entity)).one()


def _held(kind: str, number: int, state: tuple[str, int], stay: Stay | None) -> Held:
    if stay is None:
        return Held(f"{kind}:{number}", *state)
    return Held(f"{kind}:{number}", *state, str(stay.why), stay.until)
