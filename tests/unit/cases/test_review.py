"""Chance chooses which cases a second person looks at, nobody else does, and what came of it is known."""

import pytest
from sqlalchemy import select

from tests.reference.loop import ANN, BEN, NOW, RULE, at, suspected
from tocsin.app.storage.records import Records
from tocsin.cases.case import open_case
from tocsin.cases.closing import Finding, Lesson, close_case, decide_subject, learn, second
from tocsin.cases.queue import Wish, claim, release
from tocsin.cases.review import Agreement, agreement_of, is_picked, pick_for_review
from tocsin.cases.tables import Case, CaseReview
from tocsin.records.errors import CaseWrong

WISH = Wish(queues=("mule-accounts",))


def test_about_the_wanted_share_is_chosen_and_of_one_case_always_the_same() -> None:
    cases = [Case(number=number, opened_at=NOW, reopened=0) for number in range(4_000)]
    chosen = [is_picked(case, 0.1) for case in cases]
    assert 320 < sum(chosen) < 480
    assert chosen == [is_picked(case, 0.1) for case in cases]
    assert all(is_picked(case, 0.3) for case, was in zip(cases, chosen, strict=True) if was)
    assert not any(is_picked(case, 0.0) for case in cases)
    assert all(is_picked(case, 1.0) for case in cases)


@pytest.mark.parametrize(
    ("shares", "wanted"), [({}, False), ({"*": 1.0}, True), ({"*": 1.0, "mule-accounts": 0.0}, False)]
)
def test_the_share_is_that_of_the_queue(records: Records, shares: dict[str, float], wanted: bool) -> None:
    with records.change() as session:
        case = open_case(session, suspected(), at(RULE))
        assert pick_for_review(session, case, shares, at(ANN)) is wanted
        assert case.four_eyes is wanted
        assert not pick_for_review(session, case, shares, at(ANN))


def test_a_chosen_case_closes_once_another_person_agrees_and_both_outcomes_are_counted(records: Records) -> None:
    with records.change() as session:
        case = open_case(session, suspected(), at(RULE))
        claim(session, WISH, at(ANN))
        decide_subject(session, case, Finding("account:m", "good", "a shop"), at(ANN))
        learn(session, case, Lesson("none", "nothing new"), at(ANN))
        pick_for_review(session, case, {"*": 1.0}, at(ANN))
        with pytest.raises(CaseWrong, match="no second person"):
            close_case(session, case, at(ANN))
        release(session, case, at(ANN))
        assert agreement_of(session, NOW) == [Agreement("mule-accounts", 1, 0, 0, 0, 0)]
        assert claim(session, WISH, at(ANN)) is None

        assert claim(session, WISH, at(BEN)) is case
        second(session, case, at(BEN), False, "there are victims")
        decide_subject(session, case, Finding("account:m", "good", "no: a shop"), at(BEN))
        release(session, case, at(BEN))
        assert claim(session, WISH, at(ANN)) is case
        second(session, case, at(ANN), True, "a shop")
        assert not pick_for_review(session, case, {"*": 1.0}, at(ANN))
        close_case(session, case, at(ANN))
        assert agreement_of(session, NOW) == [Agreement("mule-accounts", 0, 2, 1, 2, 1)]
        assert agreement_of(session, at(ANN, 1).at) == []
        looks = session.scalars(select(CaseReview).order_by(CaseReview.number)).all()
        assert [(each.first_by, each.second_by, each.agrees) for each in looks] == [
            (str(ANN), str(BEN), False),
            (str(BEN), str(ANN), True),
        ]
