"""What was decided, copied before anything follows from it.

Receives entries on which a rule fired that asks for a case. Gives each as a file of the evidence's store: event and
decision, byte for byte as they were kept. A store that cannot be reached holds up no case; the case says so.
"""

from collections.abc import Mapping, Sequence

import structlog
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.app.storage.records import Records
from tocsin.cases.case import SourceKind, note
from tocsin.cases.evidence.store import EvidenceStore, Kept
from tocsin.cases.exhibits.joining import Found, join_evidence
from tocsin.cases.tables import Case, CaseEvidence, CaseSubject
from tocsin.history.entry import Entry
from tocsin.model.decision import RuleId
from tocsin.model.errors import EvidenceError, HistoryError
from tocsin.model.event_type import Title
from tocsin.records.actor import Stamp
from tocsin.records.errors import CaseWrong
from tocsin.rules.pack import Rule

MOST = 200
"""Decisions that are copied into one case; further ones are named as its sources and stay in the history."""

LABEL = Title("The event and its decision", "事件及其决定")
log = structlog.get_logger("tocsin.loop")


class Copied(Struct, frozen=True):
    """What became of an entry: the file, or why there is none."""

    kept: Kept | None
    fault: str = ""


class Copier:
    """One for one store; `rules` are those that ask for something."""

    def __init__(self, store: EvidenceStore, records: Records, rules: Mapping[RuleId, Rule]) -> None:
        self._store = store
        self._records = records
        self._cases = frozenset(name for name, rule in rules.items() if rule.case)

    def copy(self, entries: Sequence[Entry]) -> dict[int, Copied]:
        """Copies what asks for a case, before the records are taken for writing; by the entries' numbers.

        Raises:
            StorageFull: the records cannot be read now.
        """
        asking = [each for each in entries if not each.erased and not self._cases.isdisjoint(each.rules)]
        full = self._full(asking) if asking else frozenset[str]()
        return {each.seq: self._put(each) for each in asking if full.isdisjoint(each.entities)}

    def _full(self, asking: Sequence[Entry]) -> frozenset[str]:
        """Subjects whose open case has as many files as are copied."""
        named = sorted({entity for each in asking for entity in each.entities})
        found: set[str] = set()
        with self._records.session() as session:
            for begin in range(0, len(named), MOST):
                asked = (
                    select(CaseSubject.subject)
                    .join(Case, Case.number == CaseSubject.case_number)
                    .join(CaseEvidence, CaseEvidence.case_number == Case.number)
                    .where(CaseSubject.subject.in_(named[begin : begin + MOST]), Case.state == "open")
                    .group_by(CaseSubject.subject, Case.number)
                    .having(func.count() >= MOST)
                )
                found.update(session.scalars(asked))
        return frozenset(found)

    def _put(self, entry: Entry) -> Copied:
        try:
            return Copied(
                self._store.put(b'{"event":%b,"decision":%b}\n' % (_shown(entry.event), _shown(entry.decision)))
            )
        except (EvidenceError, HistoryError) as error:
            log.warning("a decision cannot be copied as evidence", decision=entry.id[:80], reason=str(error)[:120])
            return Copied(None, str(error)[:200])


def _shown(content: bytes) -> bytes:
    """JSON as it was kept; a delete sign in it, which no text may hold, as the escape that means the same."""
    return content.strip().replace(b"\x7f", b"\\u007f")


def join_copy(session: Session, case: Case, entry: Entry, copied: Copied, stamp: Stamp) -> None:
    """Puts what was copied into the case, or why nothing could be."""
    if copied.kept is None:
        note(session, case, stamp, "evidence failed", f"event {entry.id}: {copied.fault}")
        return
    where = Found(label=LABEL, source=f"event {entry.id}", channel=SourceKind.DECISION, taken_at=entry.received_at)
    try:
        join_evidence(session, case, copied.kept, where, stamp)
    except CaseWrong as error:
        log.warning("a copy cannot be joined to its case", case=case.number, reason=str(error)[:80])
