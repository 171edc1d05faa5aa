"""Statements of reasons on their way to the Transparency Database.

Receives measures that were ordered, with what is known of them. Gives each its statement once: ready to be sent, or refused
with every fault by its field. Exported is what the database has answered, and nothing else. Never repeats what stood in a
field that was refused.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.measures.statements.making import StatementFacts, make_statement, puid_of
from tocsin.measures.statements.restriction import needs_statement
from tocsin.measures.statements.schema import BATCH_LIMIT
from tocsin.measures.statements.tables import StatementRecord
from tocsin.measures.tables import Measure
from tocsin.measures.telling import MACHINES, Known, decided_by
from tocsin.measures.text.dates import moment_of
from tocsin.measures.text.vocabulary import Vocabulary
from tocsin.model.entity import parse_entity
from tocsin.model.errors import NoticeWrong, StatementWrong
from tocsin.records.actor import Stamp, parse_actor
from tocsin.records.audit import Act, tell, write_act

READY, EXPORTED, REFUSED = "ready", "exported", "refused"
RECEIPT_LIMIT = 200


class Fault(Struct, frozen=True):
    """What is wrong with one field of a statement."""

    field: str
    reason: str


class Publisher(Struct, frozen=True):
    """In whose name statements are made, and in which words. `zone` is where the platform's days begin."""

    platform: str
    zone: str
    vocabulary: Vocabulary


def state_reasons(
    session: Session, measure: Measure, known: Known, publisher: Publisher, stamp: Stamp
) -> StatementRecord | None:
    """The statement of a measure; None where it restricts nothing that is published. One that is ready stays as it is."""
    if not needs_statement(measure.kind) or measure.starts_at is None:
        return None
    asked = select(StatementRecord).where(StatementRecord.measure == measure.number)
    row = session.scalars(asked).one_or_none()
    if row is not None and row.state != REFUSED:
        return row
    body, faults = _make(measure, known, publisher)
    if row is None:
        puid = puid_of(publisher.platform, measure.number)
        row = StatementRecord(measure=measure.number, puid=puid, made_at=stamp.at, receipt="")
        session.add(row)
    row.body, row.state = body, REFUSED if faults else READY
    row.faults = msgspec.json.encode(faults).decode() if faults else ""
    session.flush()
    _write(session, row, stamp, "refuse" if faults else "issue")
    if not faults:
        facts = {"statement": row.number, "measure": measure.number, "case": measure.case_number}
        tell(session, "statement.issued", measure.subject, stamp.at, facts)
    return row


def ready_statements(session: Session, limit: int = BATCH_LIMIT) -> Sequence[StatementRecord]:
    """The oldest statements that the database has not answered for; the same until somebody says that it has."""
    asked = select(StatementRecord).where(StatementRecord.state == READY).order_by(StatementRecord.number)
    return session.scalars(asked.limit(min(limit, BATCH_LIMIT))).all()


def mark_exported(session: Session, puids: Sequence[str], receipt: str, stamp: Stamp) -> int:
    """The database has answered 201 for these; said twice, it is said once. Answers how many are new."""
    asked = select(StatementRecord).where(StatementRecord.puid.in_(puids), StatementRecord.state == READY)
    found = session.scalars(asked.order_by(StatementRecord.number)).all()
    for row in found:
        row.state, row.exported_at, row.receipt = EXPORTED, stamp.at, receipt[:RECEIPT_LIMIT]
        _write(session, row, stamp, "export")
        subject = session.get_one(Measure, row.measure).subject
        tell(session, "statement.exported", subject, stamp.at, {"statement": row.number, "measure": row.measure})
    return len(found)


def body_of(row: StatementRecord) -> msgspec.Raw:
    """The JSON of a statement that is ready, as the database takes it."""
    return msgspec.Raw(row.body.encode())


def faults_of(row: StatementRecord) -> list[Fault]:
    """Why a statement was refused."""
    return msgspec.json.decode(row.faults, type=list[Fault]) if row.faults else []


def _make(measure: Measure, known: Known, publisher: Publisher) -> tuple[str, list[Fault]]:
    """The JSON of a statement, or its faults."""
    if measure.content_on is None:
        why = "the day from which the platform has hosted it was not told with the measure (`content_on`)"
        return "", [Fault("content_date", why)]
    try:
        facts = _facts(measure, known, publisher)
        made = make_statement(facts, publisher.vocabulary, (measure.subject, *known.hidden))
    except StatementWrong as error:
        return "", [Fault(*each) for each in error.faults]
    except NoticeWrong as error:
        return "", [Fault("category", str(error)[:300])]
    return msgspec.json.encode(made).decode(), []


def _facts(measure: Measure, known: Known, publisher: Publisher) -> StatementFacts:
    entity = parse_entity(measure.subject)
    days: dict[str, Any] = {
        name: None if at is None else moment_of(at, publisher.zone).date()
        for name, at in (("applies_on", measure.starts_at), ("ends_on", measure.ends_at))
    }
    return StatementFacts(
        puid=puid_of(publisher.platform, measure.number),
        measure=measure.kind,
        subject_kind=entity.kind if entity else "other",
        typology=measure.typology or "OTHER",
        ground=known.ground.en,
        is_law=known.is_law,
        source=known.source,
        detected_automatically=parse_actor(measure.proposed_by).kind in MACHINES,
        decided=decided_by(measure),
        content_on=date.fromisoformat(measure.content_on or ""),
        function=measure.scope,
        notice_under_article_16=known.is_law,
        **days,
    )


def _write(session: Session, row: StatementRecord, stamp: Stamp, verb: str) -> None:
    facts = {"state": row.state, "measure": row.measure, "puid": row.puid}
    write_act(session, Act(stamp=stamp, act=f"statement.{verb}", record=f"statement:{row.number}", after=facts))
