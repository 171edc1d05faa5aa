"""A case has its evidence before anything is taken down, each file once, and every look at one is known."""

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.reference.evidence import CHAT, PNG, make_store
from tests.reference.loop import ANN, BEN, NOW, RULE, at, suspected, wanted
from tocsin.app.storage.records import Records
from tocsin.cases.case import merge_case, open_case
from tocsin.cases.evidence.manifest import read_manifest, write_manifest
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.cases.exhibits.handover import list_exhibits, note_export, tell_facts
from tocsin.cases.exhibits.joining import Found, evidence_of, find_evidence, join_evidence, look_at
from tocsin.cases.exhibits.need import order_with_evidence
from tocsin.cases.tables import CaseNote
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import propose
from tocsin.model.event_type import Title
from tocsin.records.errors import CaseWrong
from tocsin.records.tables import AuditEntry

SEEN = Found(label=Title("The listing", "商品页"), source="https://shop.example/1", channel="report", taken_at=NOW)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return make_store(tmp_path / "evidence")


def test_a_file_joins_a_case_once_and_says_where_it_was_seen(records: Records, store: EvidenceStore) -> None:
    kept = store.put(PNG)
    with records.change() as session:
        case = open_case(session, suspected(), at(RULE))
        first = join_evidence(session, case, kept, SEEN, at(ANN, 1))
        assert join_evidence(session, case, kept, SEEN, at(BEN, 2)) is first
        assert (first.media_type, first.taken_at, first.taken_by) == ("image/png", NOW, str(ANN))
        look_at(session, first, at(BEN, 3), "to decide")
    with records.session() as session:
        acts = session.scalars(select(AuditEntry).where(AuditEntry.act.startswith("evidence."))).all()
        assert [(each.act, each.by, each.why) for each in acts] == [
            ("evidence.add", str(ANN), ""),
            ("evidence.view", str(BEN), "to decide"),
        ]
        assert kept.sha256 in acts[1].after


@pytest.mark.parametrize(
    "found",
    [
        Found(label=Title("", "商品"), source="x", channel="y"),
        Found(label=Title("a", "b"), source=" ", channel="y"),
        Found(label=Title("a", "b"), source="x" * 2_001, channel="y"),
        Found(label=Title("a", "b"), source="x", channel=""),
        Found(label=Title("a", "b"), source="x", channel="y", taken_at=-1),
    ],
)
def test_a_file_without_a_place_is_not_joined(records: Records, store: EvidenceStore, found: Found) -> None:
    with records.change() as session:
        case = open_case(session, suspected(), at(RULE))
        with pytest.raises(CaseWrong):
            join_evidence(session, case, store.put(PNG), found, at(ANN))


def test_nothing_is_taken_down_before_its_case_holds_a_copy_or_somebody_says_why(
    records: Records, store: EvidenceStore
) -> None:
    with records.change() as session:
        case = open_case(session, suspected("listing:1"), at(RULE))
        taken = propose(session, wanted(MeasureKind.TAKE_DOWN, "listing:1"), at(ANN))
        with pytest.raises(CaseWrong, match="holds no evidence"):
            order_with_evidence(session, taken, at(ANN), " ")
        assert taken.state == "proposed"
        kept = store.put(CHAT)
        join_evidence(session, case, kept, SEEN, at(ANN))
        assert order_with_evidence(session, taken, at(ANN))
        assert taken.evidence == f'["{kept.sha256}"]'

        other = open_case(session, suspected("listing:2", "e2"), at(RULE))
        gone = propose(session, wanted(MeasureKind.DELIST, "listing:2"), at(ANN))
        assert order_with_evidence(session, gone, at(ANN), "it is gone already")
        notes = session.scalars(select(CaseNote.text).where(CaseNote.case_number == other.number)).all()
        assert f"measure {gone.number}: it is gone already" in notes


def test_what_removes_nothing_and_what_no_case_is_about_waits_for_no_copy(records: Records) -> None:
    with records.change() as session:
        open_case(session, suspected("account:m"), at(RULE))
        assert order_with_evidence(session, propose(session, wanted(), at(ANN)), at(ANN))
        free = propose(session, wanted(MeasureKind.TAKE_DOWN, "listing:9"), at(ANN))
        assert order_with_evidence(session, free, at(ANN))


def test_a_merge_takes_files_along_and_has_none_twice(records: Records, store: EvidenceStore) -> None:
    both, only = store.put(PNG), store.put(CHAT)
    with records.change() as session:
        first = open_case(session, suspected("account:a", "e1"), at(RULE))
        second = open_case(session, suspected("account:b", "e2"), at(RULE))
        for case, kept in ((first, both), (first, only), (second, both)):
            join_evidence(session, case, kept, SEEN, at(ANN))
        merge_case(session, first, second, at(ANN), "the same people")
        session.flush()
        session.expire_all()
        assert [each.sha256 for each in evidence_of(session, second.number)] == [only.sha256, both.sha256]
        with pytest.raises(CaseWrong, match="goes on in"):
            join_evidence(session, first, both, SEEN, at(ANN))


def test_a_case_is_handed_over_with_its_manifest_and_that_is_known(records: Records, store: EvidenceStore) -> None:
    with records.change() as session:
        case = open_case(session, suspected(), at(RULE))
        join_evidence(session, case, store.put(CHAT), SEEN, at(ANN))
        made = write_manifest(list_exhibits(session, case, at(BEN, 1)))
        (exhibit,) = read_manifest(made.content).exhibits
        assert (exhibit.source, exhibit.taken_by, exhibit.label.zh) == (SEEN.source, str(ANN), "商品页")
        titles = [section.title.zh for section in tell_facts(session, case).sections]
        assert titles == ["案件", "涉案对象", "处置措施", "来源", "经过"]
        note_export(session, case, at(BEN, 1), "pdf", made.sha256)
    with records.session() as session:
        (act,) = session.scalars(select(AuditEntry).where(AuditEntry.act == "case.export")).all()
        assert made.sha256 in act.after
        assert find_evidence(session, 1, "0" * 64) is None
