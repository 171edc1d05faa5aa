"""What is held on one person, removed where that may be.

Receives an entity, who asks and why. Gives what was removed and what stays, each with the reason: open, on legal hold, kept
for as long as it must be, or needed by something that stays. Each removal is in the audit log.
"""

from msgspec import Struct
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tocsin.app.personal.person import Held, check_entity, elsewhere, gather, name_of
from tocsin.app.retention.deletion import Gone, delete_record
from tocsin.app.retention.standing import Look
from tocsin.cases.clocks.tables import ClockRecord
from tocsin.cases.tables import Case, CaseAnswer, CaseNote, CaseSubject
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.sealing.field import forget_fields
from tocsin.records.sealing.mask import STARS
from tocsin.records.table import Record, begin_change
from tocsin.rulebook.tables import ListEntry


class Removal(Struct, frozen=True):
    """What came of it. `held`: a legal hold is on the person, so that the history stays too."""

    entity: str
    removed: list[str]
    stays: list[Held]
    elsewhere: dict[str, int]
    held: bool


def remove_person(session: Session, entity: str, why: str, look: Look, stamp: Stamp) -> Removal:
    """Removes what may go, in one transaction.

    Raises:
        PersonalWrong: it is no entity.
        SecretWrong: the sealing keys cannot be read.
    """
    check_entity(entity)
    begin_change(session, ListEntry)
    removed: list[str] = []
    stays: list[Held] = []
    for record, held in gather(session, entity, look):
        if held.stays:
            stays.append(held)
        else:
            _remove(session, record, entity, (why, stamp))
            removed.append(held.record)
    facts = {"removed": len(removed), "stay": len(stays)}
    write_act(session, Act(stamp=stamp, act="person.remove", record=name_of(entity), why=why, after=facts))
    return Removal(entity, removed, stays, elsewhere(session, entity), look.holds(session, entity))


def _remove(session: Session, record: Record, entity: str, order: tuple[str, Stamp]) -> None:
    why, stamp = order
    if isinstance(record, CaseAnswer):
        forget_fields(session, "case_answer", [record.number])
        record.to = STARS
        write_act(session, Act(stamp=stamp, act="case_answer.redact", record=f"case_answer:{record.number}", why=why))
    elif isinstance(record, Case) and (others := _others(session, record, entity)):
        _take_out_of_case(session, record, entity, others)
        write_act(session, Act(stamp=stamp, act="case.redact", record=f"case:{record.number}", why=why))
    else:
        table = record.__tablename__
        number = vars(record)["number"]
        session.expunge(record)
        delete_record(session, Gone({"case_file": "case"}.get(table, table), table, why), number, stamp)


def _others(session: Session, case: Case, entity: str) -> list[str]:
    """The case's other subjects; where there are any, the case is theirs too and stays without this one."""
    asked = select(CaseSubject.subject).where(CaseSubject.case_number == case.number, CaseSubject.subject != entity)
    return list(session.scalars(asked.order_by(CaseSubject.number)))


def _take_out_of_case(session: Session, case: Case, entity: str, others: list[str]) -> None:
    number = case.number
    session.execute(delete(CaseSubject).where(CaseSubject.case_number == number, CaseSubject.subject == entity))
    session.execute(
        delete(CaseNote).where(CaseNote.case_number == number, CaseNote.text.contains(entity, autoescape=True))
    )
    clocks = update(ClockRecord).where(ClockRecord.case_number == number, ClockRecord.subject == entity)
    session.execute(clocks.values(subject=others[0]))
    if case.subject == entity:
        case.subject = others[0]
