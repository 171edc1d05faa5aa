"""Files joined to cases.

Receives a file that the store has kept, and where it was seen. Gives its line in the case. The same file joins a case
once. Every look at one is written into the audit log.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.cases.case import CaseState, note
from tocsin.cases.evidence.manifest import EXHIBIT_LIMIT
from tocsin.cases.evidence.store import Kept
from tocsin.cases.tables import Case, CaseEvidence
from tocsin.model.event_type import Title
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import CaseWrong

LABEL_LIMIT, SOURCE_LIMIT, CHANNEL_LIMIT = 300, 2_000, 64


class Found(Struct, frozen=True, kw_only=True):
    """Where a file was seen, and how it came in. `taken_at` is in microseconds since 1970 UTC; None: now."""

    label: Title
    source: str
    channel: str
    taken_at: int | None = None


def join_evidence(session: Session, case: Case, kept: Kept, found: Found, stamp: Stamp) -> CaseEvidence:
    """Puts a file into a case, also a closed one; a file that is there already is answered as it first came.

    Raises:
        CaseWrong: the case goes on in another, has as many files as one may have, or it is not said where this was seen.
    """
    check_found(found)
    if case.state == CaseState.MERGED:
        raise CaseWrong(f"case {case.number} goes on in {case.merged_into}; put it there")
    known = find_evidence(session, case.number, kept.sha256)
    if known is not None:
        return known
    if count_evidence(session, case.number) >= EXHIBIT_LIMIT:
        raise CaseWrong(f"a case has at most {EXHIBIT_LIMIT} files")
    made = CaseEvidence(
        case_number=case.number,
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        label_en=found.label.en,
        label_zh=found.label.zh,
        source=found.source,
        channel=found.channel,
        taken_at=stamp.at if found.taken_at is None else found.taken_at,
        taken_by=str(stamp.by),
    )
    session.add(made)
    session.flush()
    note(session, case, stamp, "evidence", f"{kept.sha256} {found.source}")
    _write(session, made, stamp, "add")
    return made


def evidence_of(session: Session, case: int) -> Sequence[CaseEvidence]:
    """The files of a case, in the order in which they came."""
    return session.scalars(
        select(CaseEvidence).where(CaseEvidence.case_number == case).order_by(CaseEvidence.number)
    ).all()


def count_evidence(session: Session, case: int) -> int:
    """How many files a case has."""
    asked = select(func.count()).select_from(CaseEvidence).where(CaseEvidence.case_number == case)
    return session.scalars(asked).one()


def find_evidence(session: Session, case: int, sha256: str) -> CaseEvidence | None:
    """A file of a case by its digest; None where the case has none such."""
    asked = select(CaseEvidence).where(CaseEvidence.case_number == case, CaseEvidence.sha256 == sha256)
    return session.scalars(asked).one_or_none()


def look_at(session: Session, exhibit: CaseEvidence, stamp: Stamp, why: str = "") -> None:
    """Writes down that somebody looks at a file; before it is shown."""
    _write(session, exhibit, stamp, "view", why)


def check_found(found: Found) -> None:
    """Whether it is said where a file was seen.

    Raises:
        CaseWrong: what is missing or too long.
    """
    texts = ((found.label.en, LABEL_LIMIT), (found.label.zh, LABEL_LIMIT), (found.source, SOURCE_LIMIT))
    if any(not 0 < len(text.strip()) <= limit for text, limit in texts):
        raise CaseWrong(
            f"a file has a label of 1 to {LABEL_LIMIT} characters and a source, where it was seen, of 1 to {SOURCE_LIMIT}"
        )
    if not 0 < len(found.channel.strip()) <= CHANNEL_LIMIT or (found.taken_at is not None and found.taken_at < 0):
        raise CaseWrong(f"it is said in 1 to {CHANNEL_LIMIT} characters how a file came in, and when it was taken")


def _write(session: Session, exhibit: CaseEvidence, stamp: Stamp, verb: str, why: str = "") -> None:
    facts = {"sha256": exhibit.sha256, "size": exhibit.size, "source": exhibit.source[:300]}
    record = f"case:{exhibit.case_number}"
    write_act(session, Act(stamp=stamp, act=f"evidence.{verb}", record=record, why=why, after=facts))
