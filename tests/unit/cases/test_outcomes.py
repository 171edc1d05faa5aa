"""What a closed case teaches, and the tasks that keep it open."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.loop import ANN, BEN, NOW, RULE, at, suspected
from tocsin.app.storage.records import Records
from tocsin.cases.case import add_subject, open_case
from tocsin.cases.closing import (
    Finding,
    Lesson,
    close_case,
    decide_subject,
    exempt,
    learn,
    open_things,
    reopen_case,
    second,
)
from tocsin.cases.queue import claim_one
from tocsin.cases.tables import Case
from tocsin.cases.task import NewTask, add_task, finish_task
from tocsin.records.errors import ActorWrong, CaseWrong
from tocsin.rulebook.labels import RuleRecord, known_of, record_of
from tocsin.rulebook.tables import Label


def decide(session: Session, case: Case, findings: dict[str, str], hours: float = 0) -> None:
    claim_one(session, case, at(ANN, hours))
    for subject, finding in findings.items():
        decide_subject(session, case, Finding(subject, finding, "seen"), at(ANN, hours))
    learn(session, case, Lesson("none", "nothing new"), at(ANN, hours))
    session.flush()
    for each in open_things(session, case):
        if each.about == "verification":
            exempt(session, case, each.about, at(ANN, hours), "a test")
    session.flush()


def labels(session: Session) -> set[tuple[str, str, str, str, int]]:
    return {(e.entity, e.event, e.label, e.rule, e.confidence) for e in session.scalars(select(Label))}


def test_findings_become_labels_of_subjects_and_of_the_events_with_their_rules(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(reference="e1/mule-collects"), at(RULE))
        open_case(session, suspected(reference="shop/e2/many-payers"), at(RULE))
        open_case(session, suspected(reference="sha256:0f"), at(RULE))
        add_subject(session, case, "account:helper", "helper")
        add_subject(session, case, "account:lost", "helper")
        decide(session, case, {"account:m": "confirmed", "account:helper": "good", "account:lost": "unable"})
        close_case(session, case, at(ANN))
        assert labels(session) == {
            ("account:m", "", "AIDING", "", 90),
            ("account:helper", "", "good", "", 90),
            ("", "e1", "AIDING", "mule-collects", 90),
            ("", "shop/e2", "AIDING", "many-payers", 90),
        }
        assert record_of(session, "mule-collects", NOW) == RuleRecord("mule-collects", 1, 0)


def test_who_was_found_good_speaks_against_the_rule_and_two_people_are_surer_than_one(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(reference="e1/mule-collects", four_eyes=True), at(RULE))
        decide(session, case, {"account:m": "good"})
        case.holder = None
        claim_one(session, case, at(BEN))
        second(session, case, at(BEN), True, "agreed")
        session.flush()
        close_case(session, case, at(BEN))
        assert labels(session) == {("account:m", "", "good", "", 100), ("", "e1", "good", "mule-collects", 100)}
        assert record_of(session, "mule-collects", NOW) == RuleRecord("mule-collects", 0, 1)


def test_a_case_that_is_decided_anew_says_the_last_word_and_the_first_stays_known(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(reference="e1/mule-collects"), at(RULE))
        decide(session, case, {"account:m": "confirmed"})
        close_case(session, case, at(ANN))
        reopen_case(session, case, at(ANN, 1), "she has shown her contract")
        decide(session, case, {"account:m": "good"}, hours=2)
        close_case(session, case, at(ANN, 2))
        assert known_of(session, ["account:m"], at(ANN, 1).at) == {"account:m": "AIDING"}
        assert known_of(session, ["account:m"], at(ANN, 2).at) == {"account:m": "good"}


def test_a_task_keeps_a_case_open_until_it_is_done(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        other = open_case(session, suspected("account:other", "e2"), at(RULE))
        task = add_task(session, case, NewTask(title="Ask the bank", assignee=str(BEN), due_at=NOW + 1), at(ANN))
        assert f"task:{task.number}" in {each.about for each in open_things(session, case)}
        with pytest.raises(CaseWrong, match="no such task"):
            finish_task(session, other, task, at(BEN))
        finish_task(session, case, task, at(BEN, 1))
        finish_task(session, case, task, at(ANN, 2))
        session.flush()
        assert (task.done_by, task.done_at) == (str(BEN), at(BEN, 1).at)
        assert f"task:{task.number}" not in {each.about for each in open_things(session, case)}
        for wrong, error in (
            (NewTask(title=" ", assignee=str(BEN)), CaseWrong),
            (NewTask(title="x", assignee="?"), ActorWrong),
        ):
            with pytest.raises(error):
                add_task(session, case, wrong, at(ANN))
