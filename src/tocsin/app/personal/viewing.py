"""Sealed fields shown to who may see them.

Receives a record's name, a purpose and who asks. Gives what is sealed of that record, and in the same transaction the
entry `personal.view` in the audit log. Never shows anything without a purpose.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.tables import CaseAnswer
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import PersonalWrong
from tocsin.records.sealing.field import Opened, open_fields
from tocsin.records.table import Record

SEALED: Mapping[str, type[Record]] = {"appeal": Appeal, "case_answer": CaseAnswer}
"""The tables of which fields are sealed, by name."""

PURPOSE_LEAST, PURPOSE_MOST = 5, 500


def view_personal(session: Session, record: str, purpose: str, stamp: Stamp) -> list[Opened]:
    """What is sealed of a record such as `appeal:3` or `case_answer:5`.

    Raises:
        PersonalWrong: there is no such record, nothing of it is sealed, or nobody says what for.
        SealError: it does not open.
    """
    name = check_purpose(purpose)
    table, _, number = record.partition(":")
    kind = SEALED.get(table)
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    if kind is None or not is_number or session.get(kind, int(number)) is None:
        raise PersonalWrong(f"there is no record `{record[:60]}` of which something is sealed: {', '.join(SEALED)}")
    found = open_fields(session, table, int(number))
    facts = {"fields": [each.field for each in found]}
    write_act(session, Act(stamp=stamp, act="personal.view", record=f"{table}:{int(number)}", why=name, after=facts))
    return found


def check_purpose(purpose: str) -> str:
    """The purpose as it is recorded.

    Raises:
        PersonalWrong: it says nothing, or too much.
    """
    text = " ".join(purpose.split())
    if not PURPOSE_LEAST <= len(text) <= PURPOSE_MOST or "\0" in text:
        raise PersonalWrong(f"say what it is needed for, in {PURPOSE_LEAST} to {PURPOSE_MOST} characters")
    return text
