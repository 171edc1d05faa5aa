"""One case for one matter; nobody has it twice; it closes only when nothing about it is open."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.loop import (
    ANN,
    BEN,
    CAL,
    DAY,
    HOUR,
    NOW,
    PLATFORM,
    RULE,
    at,
    suspected,
    tell_everybody,
    wanted,
)
from tocsin.app.storage.records import Records
from tocsin.cases.case import (
    add_subject,
    comment,
    link_cases,
    merge_case,
    open_case,
    owe_answer,
    rank_of,
    split_case,
)
from tocsin.cases.closing import (
    Finding,
    Lesson,
    close_case,
    decide_subject,
    exempt,
    give_answer,
    learn,
    open_things,
    reopen_case,
    second,
    verify_result,
)
from tocsin.cases.queue import (
    Waiting,
    Wish,
    claim,
    claim_one,
    free_abandoned,
    look_at_queues,
    release,
    route,
    snooze,
)
from tocsin.cases.tables import Case, CaseNote, CaseSource, CaseSubject, CaseTask
from tocsin.measures.instruction import confirm, pull
from tocsin.measures.kind import MeasureKind
from tocsin.measures.lifting import lift
from tocsin.measures.measure import order, propose
from tocsin.records.errors import CaseWrong
from tocsin.records.tables import AuditEntry, Message

WISH = Wish(queues=("mule-accounts",))


def abouts(session: Session, case: Case) -> set[str]:
    return {each.about for each in open_things(session, case)}


def test_the_same_matter_joins_the_open_case_and_the_same_source_counts_once(records: Records) -> None:
    with records.session() as session:
        case = open_case(
            session,
            suspected(),
            at(RULE),
        )
        assert open_case(session, suspected(reference="e2", harm=5_000), at(RULE, 1)).number == case.number
        assert open_case(session, suspected(reference="e2"), at(RULE, 2)).number == case.number
        assert open_case(session, suspected(reference="e3", typology="INVEST"), at(RULE)).number != case.number
        assert case.harm == 5_000
        references = session.scalars(select(CaseSource.reference).where(CaseSource.case_number == case.number)).all()
        assert references == ["e1", "e2"]
        assert session.scalars(select(Message.type)).all() == ["case.opened", "case.opened"]


@pytest.mark.parametrize(
    "changes",
    [{"subject": "nobody"}, {"typology": "X"}, {"role": "x"}, {"reference": ""}, {"queue": ""}, {"harm": -1}],
)
def test_a_case_that_says_too_little_is_not_opened(records: Records, changes: dict[str, str]) -> None:
    with records.session() as session:
        with pytest.raises(CaseWrong):
            open_case(session, suspected(**changes), at(RULE))
        assert session.scalars(select(Case)).all() == []


def test_the_next_case_is_the_one_that_is_due_soonest_brought_forward_by_its_harm(records: Records) -> None:
    with records.session() as session:
        for number, (due, harm) in enumerate([(30, 0), (20, 0), (40, 1_000)]):
            open_case(
                session, suspected(f"account:{number}", f"e{number}", due_at=NOW + due * HOUR, harm=harm), at(RULE)
            )
        taken = []
        for _ in range(3):
            case = claim(session, WISH, at(ANN))
            assert case is not None
            taken.append(case.subject)
            release(session, case, at(ANN))
            case.free_at = NOW + DAY
            session.flush()
        assert taken == ["account:2", "account:1", "account:0"]
        assert rank_of(NOW, 0) == NOW


def test_two_people_never_hold_one_case_and_a_vanished_one_loses_it(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        mine = claim(session, WISH, at(ANN))
        assert mine is not None
        assert mine.number == case.number
        assert claim(session, WISH, at(BEN)) is None
        with pytest.raises(CaseWrong, match="is held by person:reviewer-1"):
            claim_one(session, case, at(BEN))
        again = claim(session, WISH, at(ANN, 0.4))
        assert again is not None
        assert claim(session, WISH, at(BEN, 0.6)) is None
        theirs = claim(session, WISH, at(BEN, 1))
        assert theirs is not None
        assert theirs.holder == str(BEN)
        with pytest.raises(CaseWrong, match="claim it first"):
            release(session, case, at(ANN, 1))


def test_of_several_queues_the_soonest_case_of_all_comes_first_and_one_that_is_held_is_given_again(
    records: Records,
) -> None:
    both = Wish(queues=("later", "sooner", "empty", "later"))
    with records.change() as session:
        open_case(session, suspected("account:a", "e1", queue="later", due_at=NOW + 3 * HOUR), at(RULE))
        open_case(session, suspected("account:b", "e2", queue="sooner", due_at=NOW + HOUR), at(RULE))
        open_case(session, suspected("account:c", "e3", queue="later", due_at=NOW + 2 * HOUR), at(RULE))
    with records.change() as session:
        taken = [claim(session, both, at(who)) for who in (ANN, BEN, PLATFORM, RULE)]
        assert [each and each.subject for each in taken] == ["account:b", "account:c", "account:a", None]
        again = claim(session, both, at(ANN, 0.2))
        assert again is taken[0]
        assert again is not None
        assert again.held_until == at(ANN, 0.7).at
        assert claim(session, Wish(queues=("empty",)), at(ANN)) is None
        timeline = session.scalars(select(CaseNote.kind).where(CaseNote.case_number == again.number)).all()
        assert timeline.count("claim") == 1


def test_an_ended_lease_is_taken_back(records: Records) -> None:
    with records.session() as session:
        open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        assert free_abandoned(session, NOW + HOUR // 4) == 0
        assert free_abandoned(session, NOW + HOUR) == 1
        assert look_at_queues(session, NOW + HOUR) == [Waiting("mule-accounts", 1, 0, 0, NOW + DAY)]


def test_skill_and_language_are_heeded(records: Records) -> None:
    with records.session() as session:
        open_case(session, suspected(skill="payments", lang="zh"), at(RULE))
        assert claim(session, WISH, at(ANN)) is None
        assert claim(session, Wish(queues=WISH.queues, skills=("payments",)), at(ANN)) is None
        able = Wish(queues=("other", *WISH.queues), skills=("payments",), langs=("zh", "en"))
        assert claim(session, able, at(ANN)) is not None


def test_a_case_is_skipped_put_aside_or_sent_elsewhere_with_a_reason(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        with pytest.raises(CaseWrong, match="within 90 days"):
            snooze(session, case, at(ANN), NOW + 100 * DAY, "later")
        with pytest.raises(CaseWrong, match="past the time when it is due"):
            snooze(session, case, at(ANN), NOW + 2 * DAY, "later")
        snooze(session, case, at(ANN), NOW + 3 * HOUR, "the shop answers at noon")
        assert claim(session, WISH, at(BEN, 2.9)) is None
        assert look_at_queues(session, NOW + HOUR)[0].asleep == 1
        assert claim(session, WISH, at(BEN, 3)) is not None
        release(session, case, at(BEN, 3), "I know this person")
        with pytest.raises(CaseWrong):
            route(session, case, "lines", at(BEN, 3), "")
        route(session, case, "lines", at(BEN, 3), "it is a SIM box")
        assert claim(session, WISH, at(ANN, 4)) is None
        kinds = session.scalars(select(CaseNote.kind).order_by(CaseNote.number)).all()
        assert kinds == ["open", "claim", "snooze", "claim", "skip", "route"]


def test_a_case_closes_only_when_everything_is_decided_confirmed_verified_answered_and_learned(
    records: Records,
) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        add_subject(session, case, "account:helper", "helper")
        answer = owe_answer(session, case, "report:1", "what became of it", NOW)
        session.add(CaseTask(case_number=case.number, title="Ask the bank", assignee=str(ANN)))
        measure = propose(session, wanted(case_number=case.number), at(ANN))
        claim(session, WISH, at(ANN))
        everything = {
            "subject:account:m",
            "subject:account:helper",
            "answer:1",
            "task:1",
            f"measure:{measure.number}",
            "lesson",
        }
        assert abouts(session, case) == everything
        with pytest.raises(CaseWrong) as refused:
            close_case(session, case, at(ANN))
        assert all(about in str(refused.value) for about in everything)

        decide_subject(session, case, Finding("account:m", "confirmed", "40 payers in a day"), at(ANN))
        decide_subject(session, case, Finding("account:helper", "good", "her brother"), at(ANN))
        order(session, measure, at(ANN))
        for instruction in pull(session, 9, NOW):
            confirm(session, instruction, at(PLATFORM))
        give_answer(session, answer, at(ANN), "N-1")
        session.scalars(select(CaseTask)).one().done_at = NOW
        learn(session, case, Lesson("label", "account:m is AIDING"), at(ANN))
        session.flush()
        assert abouts(session, case) == {"verification", "notice:1"}
        tell_everybody(session, 1)
        assert abouts(session, case) == {"verification"}
        with pytest.raises(CaseWrong, match="once its time has come"):
            verify_result(session, case, at(ANN, 1), True, "still limited")
        claim_one(session, case, at(ANN, 25))
        verify_result(session, case, at(ANN, 25), True, "still limited, no new payers")
        close_case(session, case, at(ANN, 25))
        assert (case.state, case.closed_by, case.holder) == ("closed", str(ANN), None)
        assert open_case(session, suspected(reference="e9"), at(RULE, 26)).number != case.number


def test_a_result_that_does_not_hold_sends_the_case_back(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        decide_subject(session, case, Finding("account:m", "confirmed", "w"), at(ANN))
        learn(session, case, Lesson("none", "nothing new"), at(ANN))
        verify_result(session, case, at(ANN, 25), False, "it is back under another name")
        assert abouts(session, case) == {"subject:account:m"}
        assert "case.recurred" in session.scalars(select(Message.type)).all()


def test_what_stays_open_needs_a_person_who_answers_for_it(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        decide_subject(session, case, Finding("account:m", "unable", "no trace"), at(ANN))
        for stamp, about, why in (
            (at(RULE), "lesson", "w"),
            (at(ANN), "lesson", " "),
            (at(ANN), "subject:account:m", "w"),
        ):
            with pytest.raises(CaseWrong):
                exempt(session, case, about, stamp, why)
        exempt(session, case, "lesson", at(ANN), "a test account")
        session.flush()
        close_case(session, case, at(ANN))


def test_four_eyes_are_two_people(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(four_eyes=True), at(RULE))
        claim(session, WISH, at(ANN))
        decide_subject(session, case, Finding("account:m", "good", "a shop"), at(ANN))
        learn(session, case, Lesson("none", "w"), at(ANN))
        with pytest.raises(CaseWrong, match="another person"):
            second(session, case, at(ANN), True, "w")
        assert abouts(session, case) == {"second"}
        release(session, case, at(ANN))
        session.flush()
        assert claim(session, WISH, at(ANN)) is None
        assert claim(session, WISH, at(BEN)) is not None
        second(session, case, at(BEN), False, "look at the devices")
        assert abouts(session, case) == {"second", "subject:account:m"}
        decide_subject(session, case, Finding("account:m", "good", "devices are hers"), at(BEN))
        release(session, case, at(BEN))
        session.flush()
        claim_one(session, case, at(ANN))
        second(session, case, at(ANN), True, "agreed")
        close_case(session, case, at(ANN))


def test_a_merged_case_goes_on_in_the_other_with_everything_that_was_open(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        other = open_case(session, suspected(reference="e2", typology="INVEST", harm=9), at(RULE))
        add_subject(session, other, "account:x", "mule")
        owe_answer(session, other, "report:1", "w", NOW)
        propose(session, wanted(MeasureKind.SUSPEND, case_number=other.number), at(ANN))
        merge_case(session, other, case, at(ANN), "one gang")
        session.flush()
        assert (other.state, other.merged_into, case.harm) == ("merged", case.number, 9)
        assert abouts(session, case) >= {"subject:account:m", "subject:account:x", "answer:1", "measure:1"}
        for pair in ((case, case), (other, case), (case, other)):
            with pytest.raises(CaseWrong):
                merge_case(session, *pair, at(ANN), "w")


def test_a_split_takes_some_subjects_into_a_case_of_their_own(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        add_subject(session, case, "account:x", "mule")
        propose(session, wanted(subject="account:x", case_number=case.number), at(ANN))
        for named in ([], ["account:nobody"], ["account:m", "account:x"]):
            with pytest.raises(CaseWrong, match="some of the case's subjects"):
                split_case(session, case, named, at(ANN), "w")
        made = split_case(session, case, ["account:x"], at(ANN), "another matter")
        session.flush()
        subjects = session.scalars(select(CaseSubject.subject).where(CaseSubject.case_number == made.number)).all()
        assert ("measure:1" in abouts(session, made), "measure:1" in abouts(session, case)) == (True, False)
        assert (made.split_from, made.subject, subjects) == (case.number, "account:x", ["account:x"])
        link_cases(session, case, made, "split")
        add_subject(session, case, "account:x", "mule")
        with pytest.raises(CaseWrong, match="open case"):
            split_case(session, case, ["account:x"], at(ANN), "w")


def test_a_closed_case_is_opened_again_with_everything_to_be_decided(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        with pytest.raises(CaseWrong, match="closed case"):
            reopen_case(session, case, at(ANN), "w")
        claim(session, WISH, at(ANN))
        decide_subject(session, case, Finding("account:m", "good", "w"), at(ANN))
        learn(session, case, Lesson("none", "w"), at(ANN))
        close_case(session, case, at(ANN))
        with pytest.raises(CaseWrong, match="is closed"):
            claim_one(session, case, at(ANN))
        comment(
            session,
            case,
            at(ANN),
            "she wrote again",
        )
        reopen_case(session, case, at(ANN, 1), "new evidence")
        assert abouts(session, case) == {"subject:account:m", "lesson"}
        assert case.reopened == 1
        session.flush()
        assert claim(session, WISH, at(BEN, 2)) is not None


def test_a_second_look_is_at_what_stands_and_by_nobody_who_decided_it(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(four_eyes=True), at(RULE))
        add_subject(session, case, "account:x", "mule")
        claim_one(session, case, at(ANN))
        decide_subject(session, case, Finding("account:m", "good", "a shop"), at(ANN))
        claim_one(session, case, at(BEN, 1))
        decide_subject(session, case, Finding("account:x", "good", "her brother"), at(BEN, 1))
        with pytest.raises(CaseWrong, match="another person"):
            second(session, case, at(BEN, 1), True, "seen")
        claim_one(session, case, at(CAL, 2))
        second(session, case, at(CAL, 2), True, "seen")
        decide_subject(session, case, Finding("account:x", "unable", "no, no trace"), at(CAL, 2))
        assert "second" in abouts(session, case)


def test_who_has_decided_is_given_the_case_again_where_no_second_person_is_asked_for(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        decide_subject(session, case, Finding("account:m", "confirmed", "w"), at(ANN))
        release(session, case, at(ANN))
        session.flush()
        assert claim(session, WISH, at(ANN, 25)) is not None


def test_a_merge_takes_along_measures_a_second_look_and_a_result_to_be_verified(records: Records) -> None:
    with records.session() as session:
        into = open_case(session, suspected(), at(RULE))
        case = open_case(session, suspected("account:x", "e2", four_eyes=True), at(RULE))
        measure = propose(session, wanted(subject="account:x", case_number=case.number), at(ANN))
        for each, found in ((case, "confirmed"), (into, "good")):
            add_subject(session, each, "account:both", "mule")
            claim_one(session, each, at(ANN))
            decide_subject(session, each, Finding("account:both", found, "w"), at(ANN))
        decide_subject(session, case, Finding("account:x", "confirmed", "w"), at(ANN))
        merge_case(session, case, into, at(ANN), "one gang")
        session.flush()
        left = {"subject:account:m", "subject:account:both", f"measure:{measure.number}", "second", "verification"}
        assert abouts(session, into) == {*left, "lesson"}
        assert abouts(session, case) <= {"subject:account:both", "second", "verification", "lesson"}


def test_a_split_takes_along_the_result_that_is_to_be_verified(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(four_eyes=True), at(RULE))
        add_subject(session, case, "account:x", "mule")
        claim_one(session, case, at(ANN))
        decide_subject(session, case, Finding("account:x", "confirmed", "w"), at(ANN))
        made = split_case(session, case, ["account:x"], at(ANN), "another matter")
        session.flush()
        assert abouts(session, made) == {"second", "verification", "lesson"}
        assert made.decided_by == str(ANN)


def test_what_was_let_open_is_let_open_no_more_once_a_case_begins_again(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        for about in ("subject:account:m", "lesson"):
            exempt(session, case, about, at(ANN), "a test account")
            session.flush()
        close_case(session, case, at(ANN))
        reopen_case(session, case, at(ANN, 1), "it is none")
        assert abouts(session, case) == {"subject:account:m", "lesson"}


def test_a_case_stays_open_while_somebody_good_is_held(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        measure = propose(session, wanted(case_number=case.number), at(ANN))
        order(session, measure, at(ANN))
        (instruction,) = pull(session, 9, NOW)
        confirm(session, instruction, at(PLATFORM))
        claim(session, WISH, at(ANN))
        decide_subject(session, case, Finding("account:m", "good", "a shop"), at(ANN))
        learn(session, case, Lesson("none", "nothing new"), at(ANN))
        tell_everybody(session)
        assert abouts(session, case) == {f"measure:{measure.number}"}
        lift(session, measure, at(ANN), "a shop")
        for instruction in pull(session, 9, NOW):
            confirm(session, instruction, at(PLATFORM))
        tell_everybody(session)
        close_case(session, case, at(ANN))


def test_an_exemption_can_be_kept_for_a_subject_with_a_long_name(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected("url:" + "x" * 500), at(RULE))
        (about,) = abouts(session, case) - {"lesson"}
        exempt(session, case, about, at(ANN), "gone")
        session.flush()
        assert abouts(session, case) == {"lesson"}


def test_who_had_a_case_when_stands_in_the_audit_log(records: Records) -> None:
    with records.session() as session:
        case = open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        release(session, case, at(ANN), "I know them")
        claim_one(session, case, at(BEN))
        snooze(session, case, at(BEN), NOW + HOUR, "noon")
        route(session, case, "lines", at(BEN, 2), "theirs")
        asked = select(AuditEntry.act, AuditEntry.by).order_by(AuditEntry.number)
        assert [tuple(row) for row in session.execute(asked)] == [
            ("case.open", str(RULE)),
            ("case.claim", str(ANN)),
            ("case.skip", str(ANN)),
            ("case.claim", str(BEN)),
            ("case.snooze", str(BEN)),
            ("case.route", str(BEN)),
        ]
