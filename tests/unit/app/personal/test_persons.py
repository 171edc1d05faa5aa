"""Everything on a person is shown, what may go goes, and what stays says why."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.entries import START, TYPING, make_entries
from tests.reference.loop import ANN, BEN, DAY, NOW, PLATFORM, at, suspected, wanted
from tests.reference.settling import settle
from tocsin.app import bootstrap
from tocsin.app.cli.private.beside import past_beside
from tocsin.app.personal.past import erase_past, hold_past, lift_past, past_of
from tocsin.app.personal.person import PersonRecords, show_person
from tocsin.app.personal.removal import Removal, remove_person
from tocsin.app.retention.hold import place_hold
from tocsin.app.retention.standing import Look
from tocsin.app.retention.terms import make_terms
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import Objection, Verdict, decide_appeal, receive_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.case import add_subject, comment, open_case, owe_answer
from tocsin.cases.clocks.tables import ClockRecord
from tocsin.cases.closing import Finding, Lesson, close_case, decide_subject, exempt, give_answer, learn, open_things
from tocsin.cases.queue import claim_one
from tocsin.cases.tables import Case, CaseAnswer, CaseNote, CaseSubject
from tocsin.history.history import History
from tocsin.history.retention import Order, held_entities
from tocsin.measures.instruction import confirm, pull
from tocsin.measures.measure import order, propose
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.tables import Measure
from tocsin.measures.warnings.giving import NewWarning, give_warning
from tocsin.measures.warnings.tables import WarningRecord
from tocsin.records.actor import Actor, ActorKind
from tocsin.records.errors import PersonalWrong
from tocsin.records.sealing.tables import SealedField
from tocsin.records.tables import AuditEntry
from tocsin.rulebook.tables import Label, ListEntry

TERMS = make_terms({"*": 10, "message": 0, "label": 0, "list": 10}, {"*": 20})
CAL = Actor(ActorKind.PERSON, "reviewer-3")
PHONE = "+86 138 0013 8000"


def look(days: float, *held: str) -> Look:
    return Look(TERMS, NOW + round(days * DAY), frozenset(held))


def show(records: Records, entity: str, days: float = 0) -> PersonRecords:
    with records.change() as session:
        return show_person(session, entity, "request 7", look(days), at(ANN, days * 24))


def remove(records: Records, entity: str, days: float, *held: str) -> Removal:
    with records.change() as session:
        return remove_person(session, entity, "request 8", look(days, *held), at(ANN, days * 24))


def exempt_all(session: Session, case: Case) -> None:
    """Whatever else keeps it open, somebody answers for."""
    for each in open_things(session, case):
        exempt(session, case, each.about, at(BEN, 4), "told by telephone")


def told(session: Session) -> None:
    for instruction in pull(session, 99, NOW):
        confirm(session, instruction, at(PLATFORM, 2))


@pytest.fixture
def life(records: Records) -> Records:
    """Someone's whole loop, over at NOW + 4 h: case with a second subject and an answer by phone, measure, appeal, list."""
    with records.change() as session:
        case = open_case(session, suspected(), at(ANN))
        add_subject(session, case, "account:other", "mule")
        comment(session, case, at(ANN), "account:m has called twice")
        answer = owe_answer(session, case, PHONE, "your report", NOW)
        measure = propose(session, wanted(case_number=case.number), at(ANN, 1))
        order(session, measure, at(ANN, 1))
        told(session)
        owner = Actor(ActorKind.SUBJECT, "account:m")
        appeal = receive_appeal(session, measure, Objection(text="no", channel="web"), at(owner, 2))
        decide_appeal(session, appeal, Verdict(upheld=True, why="licensed"), at(CAL, 3))
        told(session)
        claim_one(session, case, at(BEN, 4))
        for subject in ("account:m", "account:other"):
            decide_subject(session, case, Finding(subject, "good", "licensed"), at(BEN, 4))
        learn(session, case, Lesson("none", "once"), at(BEN, 4))
        give_answer(session, answer, at(BEN, 4), "n1")
        exempt_all(session, case)
        close_case(session, case, at(BEN, 4))
        for value, ended in (("account:m", None), ("account:m2", NOW)):
            session.add(
                ListEntry(
                    list="mules",
                    value=value,
                    note="",
                    added_by="a",
                    added_at=NOW,
                    ended_at=ended,
                    ended_by="a",
                    revision=1,
                )
            )
        template = bootstrap.load_content([])[1].warning("lure-police")
        give_warning(session, NewWarning(template=template, event="e1", subject="account:m"), at(ANN))
    settle(records, 4)
    return records


def kinds(records: list[Any]) -> list[str]:
    return sorted({each.record.partition(":")[0] for each in records})


def test_everything_on_an_account_is_shown_with_why_it_stays(life: Records) -> None:
    report = show(life, "account:m", 1)
    assert kinds(report.records) == ["appeal", "case", "label", "list_entry", "measure", "message", "warning"]
    assert report.elsewhere == {}
    stays = {each.record: (each.stays, each.until) for each in report.records}
    assert stays["appeal:1"] == ("kept", NOW + 3 * DAY // 24 + 10 * DAY)
    assert stays["case:1"] == ("kept", NOW + 4 * DAY // 24 + 10 * DAY)
    assert stays["list_entry:1"] == ("open", None)
    assert stays["label:1"] == ("", None)
    assert not report.held
    with life.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "person.show")).one()
        assert (entry.record, entry.why, entry.by) == ("person:account:m", "request 7", str(ANN))


@pytest.mark.parametrize("written", ["phone:13800138000", "tel:138-0013-8000", "mobile:+8613800138000"])
def test_a_contact_is_found_however_it_was_written(life: Records, written: str) -> None:
    report = show(life, written)
    assert [(each.record, each.state) for each in report.records] == [("case_answer:1", "***8000")]
    with life.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "person.show")).one()
        assert "13800138000" not in entry.record
        assert entry.record.endswith(":***8000")


def test_nothing_goes_before_its_time(life: Records) -> None:
    done = remove(life, "account:m", 9)
    assert kinds(done.stays) == ["appeal", "case", "list_entry", "measure", "warning"]
    assert kinds([type("R", (), {"record": each}) for each in done.removed]) == ["label", "message"]
    with life.session() as session:
        assert session.scalars(select(Label).where(Label.entity == "account:m")).all() == []
        assert [len(session.scalars(select(table)).all()) for table in (Case, Measure, Appeal)] == [1, 1, 1]


def test_what_may_go_goes_and_what_is_others_stays_without_the_person(life: Records) -> None:
    done = remove(life, "account:m", 11)
    assert [each.record for each in done.stays] == ["list_entry:1"]
    assert {"appeal:1", "measure:1", "case:1"} <= set(done.removed)
    with life.session() as session:
        assert session.scalars(select(Measure)).all() == session.scalars(select(Appeal)).all() == []
        assert session.scalars(select(NoticeRecord)).all() == session.scalars(select(WarningRecord)).all() == []
        clocks = {each.about: each.subject for each in session.scalars(select(ClockRecord))}
        assert {name.partition(":")[0] for name in clocks} == {"case"}
        assert set(clocks.values()) == {"account:other"}
        case = session.scalars(select(Case)).one()
        assert case.subject == "account:other"
        assert session.scalars(select(CaseSubject.subject)).all() == ["account:other"]
        assert not [each for each in session.scalars(select(CaseNote.text)) if "account:m" in each]
        acts = [each.act for each in session.scalars(select(AuditEntry).order_by(AuditEntry.number))]
        assert acts[-1] == "person.remove"
        assert {"appeal.delete", "measure.delete", "case.redact", "label.delete", "message.delete"} <= set(acts)
    assert show(life, "account:m", 11).records[0].record == "list_entry:1"
    assert "case:1" in remove(life, "account:other", 11).removed
    with life.session() as session:
        assert session.scalars(select(Case)).all() == []


def test_a_contact_is_taken_out_of_what_stays(life: Records) -> None:
    assert remove(life, "phone:13800138000", 9).stays[0].stays == "kept"
    assert remove(life, "phone:13800138000", 11).removed == ["case_answer:1"]
    with life.session() as session:
        assert session.get_one(CaseAnswer, 1).to == "***"
        assert session.scalars(select(SealedField).where(SealedField.record == "case_answer")).all() == []
    assert show(life, "phone:13800138000", 11).records == []


@pytest.mark.parametrize("place", ["records", "history"])
def test_what_is_on_hold_stays_wherever_the_hold_was_placed(life: Records, place: str) -> None:
    if place == "records":
        with life.change() as session:
            place_hold(session, "account:m", at(ANN), "court order")
    done = remove(life, "account:m", 400, *(["account:m"] if place == "history" else []))
    assert done.held
    assert done.removed == []
    assert {each.stays for each in done.stays if not each.record.startswith("list")} == {"held"}


def test_a_list_entry_goes_once_it_has_ended(life: Records) -> None:
    assert remove(life, "account:m2", 9).stays[0].stays == "kept"
    assert remove(life, "account:m2", 11).removed == ["list_entry:2"]


@pytest.mark.parametrize("entity", ["", "nobody", ":", "a:", "account:\0", "account:" + "9" * 600, "phone:\n1"])
def test_a_person_is_an_entity(records: Records, entity: str) -> None:
    for act in (partial(show, records, entity), partial(remove, records, entity, 1)):
        with pytest.raises(PersonalWrong):
            act()


@pytest.fixture
def history(tmp_path: Path) -> Any:
    made = History(tmp_path / "past")
    entries = make_entries(1, 30)
    made.journal.append(entries, START)
    made.index.add(entries)
    yield made
    made.close()


def test_the_history_is_counted_beside_a_service_as_in_it_and_erased_unless_held(history: History) -> None:
    entity = make_entries(1, 1)[0].entities[0]
    inside = past_of(history, entity)
    assert inside.entries > 0
    assert past_beside(history.journal.folder, TYPING, entity) == inside
    assert past_beside(history.journal.folder / "nothing", TYPING, entity) is None
    odd = past_beside(history.journal.folder, TYPING, "account:' or 1=1 --")
    assert odd is not None
    assert odd.entries == 0
    why = Order("request", "person:a", NOW)
    assert erase_past(history, TYPING, entity, why, held=True).entries == 0
    hold_past(history.journal, entity, 1, why)
    assert "legal hold" in erase_past(history, TYPING, entity, why, held=False).stays
    assert past_of(history, entity).held
    lift_past(history.journal, entity, 11, NOW)
    assert held_entities(history.journal) == {entity}
    lift_past(history.journal, entity, 1, NOW)
    assert erase_past(history, TYPING, entity, why, held=False).entries == inside.entries
    assert past_of(history, entity).entries == 0
