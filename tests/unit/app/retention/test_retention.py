"""What must be kept is kept, what is over goes, and what is open or held is never touched."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pyarrow.fs
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.loop import ANN, BEN, DAY, NOW, PLATFORM, at, suspected, wanted
from tests.reference.settling import settle
from tocsin.app import bootstrap
from tocsin.app.delivery.tables import Delivery, Endpoint
from tocsin.app.retention.hold import is_held, lift_hold, list_holds, place_hold
from tocsin.app.retention.sweep import Sweep
from tocsin.app.retention.tables import EvidenceRelease
from tocsin.app.retention.terms import bound_by, make_terms
from tocsin.app.service.housekeeping.archivist import ROUND_EVERY_US, Archivist
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import Objection, Verdict, decide_appeal, receive_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.case import merge_case, open_case, owe_answer
from tocsin.cases.clocks.tables import ClockRecord
from tocsin.cases.closing import Finding, Lesson, close_case, decide_subject, exempt, give_answer, learn, open_things
from tocsin.cases.evidence.shelf import Shelf
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.cases.queue import claim_one
from tocsin.cases.tables import Case, CaseAnswer, CaseNote, CaseSource, CaseSubject
from tocsin.measures.instruction import confirm, pull
from tocsin.measures.kind import MeasureKind
from tocsin.measures.lifting import lift
from tocsin.measures.measure import order, propose
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.tables import Instruction, Measure
from tocsin.model.errors import InputError
from tocsin.records.actor import Actor, ActorKind
from tocsin.records.errors import PersonalWrong
from tocsin.records.sealing.tables import SealedField
from tocsin.records.table import Record
from tocsin.records.tables import AuditEntry, Message

OWNER = Actor(ActorKind.SUBJECT, "account:m")
CAL = Actor(ActorKind.PERSON, "reviewer-3")
TERMS = make_terms({"*": 10, "message": 5, "label": 0}, {"*": 20, "message": 6})
COUNTED: tuple[type[Record], ...] = (Case, Measure, Appeal, Message)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    folder = tmp_path / "evidence"
    folder.mkdir()
    return EvidenceStore(Shelf(pyarrow.fs.LocalFileSystem(), str(folder)))


@pytest.fixture
def sweep(records: Records, store: EvidenceStore) -> Callable[[float], None]:
    """Sweeps everything, so many days after NOW."""

    def run(days: float) -> None:
        work = Sweep(records, TERMS, lambda: store, set)
        while work.advance(NOW + round(days * DAY)):
            pass

    return run


def counts(records: Records) -> tuple[int, ...]:
    with records.session() as session:
        return tuple(len(session.scalars(select(table)).all()) for table in COUNTED)


def exempt_all(session: Session, case: Case) -> None:
    """Whatever else keeps it open, somebody answers for."""
    for each in open_things(session, case):
        exempt(session, case, each.about, at(BEN, 4), "told by telephone")


def told(session: Session) -> None:
    for instruction in pull(session, 99, NOW):
        confirm(session, instruction, at(PLATFORM, 2))


def whole_loop(records: Records, evidence: tuple[str, ...] = (), subject: str = "account:m") -> tuple[int, int, int]:
    """A case with an answer to a phone, a measure, what it brought about, and an appeal upheld: all over at NOW + 4 h."""
    with records.change() as session:
        case = open_case(session, suspected(subject), at(ANN))
        answer = owe_answer(session, case, "13800138000", "your report", NOW)
        asked = wanted(MeasureKind.LIMIT, subject, case_number=case.number, evidence=evidence)
        measure = propose(session, asked, at(ANN, 1))
        order(session, measure, at(ANN, 1))
        goods = propose(session, wanted(MeasureKind.TAKE_DOWN, "listing:1", parent=measure.number), at(ANN, 1))
        order(session, goods, at(ANN, 1))
        told(session)
        words = Objection(text="This is my shop.", channel="web")
        appeal = receive_appeal(session, measure, words, at(Actor(ActorKind.SUBJECT, subject), 2))
        decide_appeal(session, appeal, Verdict(upheld=True, why="licensed"), at(CAL, 3))
        told(session)
        told(session)
        claim_one(session, case, at(BEN, 4))
        decide_subject(session, case, Finding(subject, "good", "licensed"), at(BEN, 4))
        learn(session, case, Lesson("none", "once"), at(BEN, 4))
        give_answer(session, answer, at(BEN, 4), "n1")
        exempt_all(session, case)
        close_case(session, case, at(BEN, 4))
        made = case.number, measure.number, appeal.number
    settle(records, 4)
    return made


def test_everything_of_a_loop_goes_when_its_time_has_come_and_not_before(
    records: Records, sweep: Callable[[float], None]
) -> None:
    whole_loop(records)
    before = counts(records)
    assert before[:3] == (1, 2, 1)
    sweep(5.9)
    assert counts(records) == before
    sweep(7)
    assert counts(records) == (1, 2, 1, 0), "what nobody waits for any more goes first"
    sweep(20)
    assert counts(records)[:3] == (1, 2, 1)
    sweep(20.5)
    assert counts(records) == (0, 0, 0, 0)
    with records.session() as session:
        for table in (
            CaseSubject,
            CaseSource,
            CaseNote,
            CaseAnswer,
            Instruction,
            SealedField,
            ClockRecord,
            NoticeRecord,
        ):
            assert session.scalars(select(table)).all() == []
        deleted = [each for each in session.scalars(select(AuditEntry)) if each.act.endswith(".delete")]
        assert [each.record for each in deleted][1:] == ["appeal:1", "measure:2", "measure:1", "case:1"]
        assert {each.by for each in deleted} == {"system:tocsin"}
        assert all("account:m" not in each.why + each.before + each.after for each in deleted)


def test_what_is_open_or_in_force_stays_for_ever(records: Records, sweep: Callable[[float], None]) -> None:
    with records.change() as session:
        case = open_case(session, suspected(), at(ANN))
        measure = propose(session, wanted(MeasureKind.WARN, case_number=case.number), at(ANN))
        order(session, measure, at(ANN))
        lift(session, measure, at(ANN), "a mistake")
        told(session)
        told(session)
        forced = propose(session, wanted(MeasureKind.LIMIT, "account:x"), at(ANN))
        order(session, forced, at(ANN))
        told(session)
        receive_appeal(
            session, forced, Objection(text="no", channel="web"), at(Actor(ActorKind.SUBJECT, "account:x"), 1)
        )
    sweep(9_000)
    assert counts(records)[:3] == (1, 2, 1)


@pytest.mark.parametrize("target", ["account:m", "case:1", "listing:1"])
def test_a_legal_hold_stops_every_deletion_until_it_is_lifted(
    records: Records, sweep: Callable[[float], None], target: str
) -> None:
    whole_loop(records)
    with records.change() as session:
        number = place_hold(session, target, at(ANN, 5), "court order 7").number
        assert is_held(session, target)
    sweep(100)
    assert counts(records)[:3] == ((1, 2, 0) if target == "listing:1" else (1, 1, 1))
    with records.change() as session:
        lift_hold(session, number, at(BEN, 6), "the order has ended")
    sweep(101)
    assert counts(records) == (0, 0, 0, 0)
    with records.session() as session:
        (hold,) = list_holds(session)
        assert (hold.by, hold.why, hold.lifted_by, hold.lifted_why) == (
            str(ANN), "court order 7", str(BEN), "the order has ended",
        )  # fmt: skip
        acts = [each.act for each in session.scalars(select(AuditEntry)) if each.act.startswith("hold.")]
        assert acts == ["hold.place", "hold.lift"]


@pytest.mark.parametrize(
    ("target", "why"), [("nobody", "w"), ("case:9", "w"), ("case:x", "w"), ("case:01", "w"), ("account:m", " "),
                        ("account:" + "9" * 600, "w"), ("account:m", "w" * 1_001)],
)  # fmt: skip
def test_a_hold_has_a_target_and_a_reason(records: Records, target: str, why: str) -> None:
    with records.change() as session:
        open_case(session, suspected(), at(ANN))
    with pytest.raises(PersonalWrong), records.change() as session:
        place_hold(session, target, at(ANN), why)


def test_only_a_hold_in_force_is_lifted_and_others_on_the_same_target_go_on(records: Records) -> None:
    with records.change() as session:
        first, second = (place_hold(session, "account:m", at(ANN), why).number for why in ("one", "two"))
        lift_hold(session, first, at(ANN), "over")
        assert is_held(session, "account:m")
        for number in (first, 99, -1, 1 << 70):
            with pytest.raises(PersonalWrong, match="no legal hold"):
                lift_hold(session, number, at(ANN), "again")
        lift_hold(session, second, at(ANN), "over")
        assert not is_held(session, "account:m")


def test_a_merged_case_goes_after_the_one_in_which_it_went_on(records: Records, sweep: Callable[[float], None]) -> None:
    with records.change() as session:
        merged = open_case(session, suspected("account:other", "e9"), at(ANN))
        case = open_case(session, suspected(), at(ANN))
        merge_case(session, merged, case, at(ANN), "the same people")
    sweep(100)
    assert counts(records)[0] == 2
    with records.change() as session:
        open_one = session.get_one(Case, 2)
        claim_one(session, open_one, at(BEN, 4))
        for subject in session.scalars(select(CaseSubject.subject).where(CaseSubject.case_number == 2)).all():
            decide_subject(session, open_one, Finding(subject, "good", "w"), at(BEN, 4))
        learn(session, open_one, Lesson("none", "w"), at(BEN, 4))
        exempt_all(session, open_one)
        close_case(session, open_one, at(BEN, 4))
    sweep(100)
    sweep(100)
    assert counts(records)[0] == 0


def test_a_message_that_somebody_has_not_been_told_stays(records: Records, sweep: Callable[[float], None]) -> None:
    with records.change() as session:
        open_case(session, suspected(), at(ANN))
        session.add(
            Endpoint(
                url="https://x.example", types="*", secrets=b"", internal=False, position=1, made_at=NOW, stopped_why=""
            )
        )
        session.flush()
        session.add(Delivery(endpoint=1, message=1, subject="account:m", state="waiting", attempts=0, next_at=NOW))
    sweep(100)
    assert counts(records)[3] == 1
    settle(records, 1)
    sweep(100)
    assert counts(records)[3] == 1
    with records.change() as session:
        session.get_one(Delivery, 1).state = "done"
        session.get_one(Message, 1).settled_at = None
    sweep(100)
    assert counts(records)[3] == 1, "what follows from it is not done"
    settle(records, 1)
    sweep(100)
    assert counts(records)[3] == 0


def test_evidence_goes_with_the_last_record_that_names_it(
    records: Records, store: EvidenceStore, sweep: Callable[[float], None]
) -> None:
    shared, alone = (store.put(text.encode()).sha256 for text in ("seen by both", "seen by one"))
    whole_loop(records, (shared, alone))
    with records.change() as session:
        other = propose(session, wanted(MeasureKind.WARN, "account:y", evidence=(shared,)), at(ANN))
        order(session, other, at(ANN))
    sweep(30)
    assert (store.has(shared), store.has(alone)) == (True, False)
    with records.change() as session:
        assert session.scalars(select(EvidenceRelease)).all() == []
        acts = [each.record for each in session.scalars(select(AuditEntry).where(AuditEntry.act == "evidence.delete"))]
        assert acts == [f"evidence:{alone}"]
        lift(session, session.get_one(Measure, 3), at(ANN), "over")
        told(session)
        told(session)
    sweep(60)
    assert not store.has(shared)


def test_what_stays_does_not_stand_in_the_way_of_the_rest(
    records: Records, sweep: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.app.retention.sweep.AT_ONCE", 2)
    with records.change() as session:
        for number in range(7):
            measure = propose(session, wanted(MeasureKind.WARN, f"account:{number}"), at(ANN))
            order(session, measure, at(ANN))
            lift(session, measure, at(ANN), "over")
        told(session)
        told(session)
        for number in (0, 1, 5, 6):
            place_hold(session, f"account:{number}", at(ANN), "court order")
    sweep(100)
    with records.session() as session:
        assert sorted(session.scalars(select(Measure.subject))) == ["account:0", "account:1", "account:5", "account:6"]


def test_the_archivist_rests_between_rounds(records: Records, store: EvidenceStore) -> None:
    archivist = Archivist(records, TERMS, lambda: store, set)
    whole_loop(records)
    later = NOW + 100 * DAY
    while archivist.advance(later):
        pass
    assert counts(records) == (0, 0, 0, 0)
    whole_loop(records)
    while archivist.advance(later + 1):
        pass
    assert counts(records)[0] == 1
    while archivist.advance(later + ROUND_EVERY_US):
        pass
    assert counts(records)[0] == 0


def test_a_duty_to_keep_is_stronger_than_what_the_platform_has_set() -> None:
    register = bootstrap.load_duties([])
    duties = bound_by(register, ["CN-OTHER"])
    bound = make_terms({"*": 1, "message": 1}, {"*": 2, "message": 2}, duties)
    assert bound.duties["message"] == (186, "CNX-01")
    assert (bound.least_days("message"), bound.delete_days("message"), bound.delete_days("label")) == (186, 186, None)
    assert make_terms({}, {}, bound_by(register, ["AU"])).least_days("case") == 6 * 366
    assert make_terms({}, {}, bound_by(register, ["SG"])).duties == {"measure": (90, "SG-04")}
    with pytest.raises(InputError, match="no regime"):
        bound_by(register, ["ATLANTIS"])


@pytest.mark.parametrize(
    ("at_least", "delete"), [({"case": 5}, {"case": 4}), ({"*": 9}, {"*": 8}), ({"thing": 1}, {}), ({}, {"case": 30})]
)
def test_terms_that_contradict_themselves_are_refused(at_least: dict[str, int], delete: dict[str, int]) -> None:
    with pytest.raises(InputError, match="retention"):
        make_terms(at_least, delete)


@pytest.mark.parametrize("page", ["personal.en.md", "personal.zh.md"])
def test_the_terms_of_the_documents_are_the_usual_ones(page: str) -> None:
    text = (Path(__file__).resolve().parents[4] / "docs" / page).read_text(encoding="utf-8")
    asked = Settings.model_validate(tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])).retention
    usual = make_terms({}, {})
    for kind, days in asked.at_least_days.items():
        assert usual.least_days(kind) == days
    for kind, days in asked.delete_days.items():
        assert usual.delete_days(kind) == days
    assert bound_by(bootstrap.load_duties([]), asked.regimes)
