"""An objection is decided by somebody else, and what follows from it follows at once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.loop import ANN, BEN, DAY, HOUR, PLATFORM, RULE, at, tell_everybody, wanted
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import Objection, Verdict, Window, decide_appeal, receive_appeal
from tocsin.measures.instruction import confirm, pull
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import order, propose
from tocsin.measures.tables import Measure
from tocsin.records.actor import Actor, ActorKind
from tocsin.records.errors import AppealWrong
from tocsin.records.tables import Message
from tocsin.rulebook.labels import RuleRecord, record_of

OWNER = Actor(ActorKind.SUBJECT, "account:m")
CAL = Actor(ActorKind.PERSON, "reviewer-3")
WORDS = Objection(text="This is my shop.", channel="web form")
UPHELD = Verdict(upheld=True, why="a licensed shop")
REFUSED = Verdict(upheld=False, why="the payers were defrauded", redress="the consumer association")


def closed(session: Session) -> tuple[Measure, Measure]:
    measure = propose(session, wanted(MeasureKind.CLOSE, rule="r", event="e1"), at(RULE))
    order(session, measure, at(ANN))
    order(session, measure, at(BEN))
    goods = propose(session, wanted(MeasureKind.TAKE_DOWN, "listing:1", parent=measure.number), at(ANN))
    order(session, goods, at(ANN))
    for instruction in pull(session, 9, measure.proposed_at):
        confirm(session, instruction, at(PLATFORM))
    return measure, goods


def test_an_upheld_appeal_lifts_everything_labels_the_person_good_and_charges_the_rule(records: Records) -> None:
    with records.session() as session:
        measure, goods = closed(session)
        appeal = receive_appeal(session, measure, WORDS, at(OWNER, 1))
        assert appeal.due_at == appeal.received_at + 7 * DAY
        lifted = decide_appeal(session, appeal, UPHELD, at(CAL, 2))
        assert {each.number for each in lifted} == {measure.number, goods.number}
        assert {measure.state, goods.state} == {"lifting"}
        assert record_of(session, "r", 0) == RuleRecord("r", 0, 1)
        told = session.scalars(select(Message.type).order_by(Message.number)).all()
        assert told[-4:] == ["appeal.received", "measure.lifted", "measure.lifted", "appeal.upheld"]


def test_a_refusal_says_where_else_to_turn_and_lifts_nothing(records: Records) -> None:
    with records.session() as session:
        measure, _ = closed(session)
        appeal = receive_appeal(session, measure, WORDS, at(OWNER, 1))
        with pytest.raises(AppealWrong, match="where else"):
            decide_appeal(session, appeal, Verdict(upheld=False, why="w"), at(CAL, 2))
        assert decide_appeal(session, appeal, REFUSED, at(CAL, 2)) == []
        assert (appeal.state, measure.state) == ("refused", "confirmed")
        with pytest.raises(AppealWrong, match="refused before"):
            decide_appeal(session, appeal, UPHELD, at(CAL, 3))


def test_who_decided_first_does_not_decide_on_the_appeal(records: Records) -> None:
    with records.session() as session:
        measure, _ = closed(session)
        appeal = receive_appeal(session, measure, WORDS, at(OWNER, 1))
        for who in (ANN, BEN, RULE, PLATFORM, OWNER):
            with pytest.raises(AppealWrong, match="had not decided"):
                decide_appeal(session, appeal, UPHELD, at(who, 2))


def test_one_objection_at_a_time_and_not_without_end(records: Records) -> None:
    with records.session() as session:
        measure, _ = closed(session)
        for turn in range(3):
            appeal = receive_appeal(session, measure, WORDS, at(OWNER, turn))
            assert receive_appeal(session, measure, WORDS, at(OWNER, turn)).number == appeal.number
            decide_appeal(session, appeal, REFUSED, at(CAL, turn))
        with pytest.raises(AppealWrong, match="as often as it may be"):
            receive_appeal(session, measure, WORDS, at(OWNER, 5))


def test_an_objection_has_a_window_that_begins_when_the_person_was_told_and_something_to_say(records: Records) -> None:
    with records.session() as session:
        measure, _ = closed(session)
        window = Window(object_us=10 * HOUR)
        tell_everybody(session, hours=50)
        receive_appeal(session, measure, WORDS, at(OWNER, 59.9), window)
        with pytest.raises(AppealWrong, match="is over"):
            receive_appeal(session, measure, WORDS, at(OWNER, 60.1), window)
        for objection in (
            Objection(text=" ", channel="web"),
            Objection(text="x" * 10_001, channel="web"),
            Objection(text="x", channel=""),
            Objection(text="x", channel="web", materials=("d",) * 21),
        ):
            with pytest.raises(AppealWrong):
                receive_appeal(session, measure, objection, at(OWNER, 1), window)
        proposed = propose(session, wanted(subject="account:x"), at(RULE))
        with pytest.raises(AppealWrong, match="nothing has been done"):
            receive_appeal(session, proposed, WORDS, at(OWNER, 1))


def test_an_appeal_on_what_is_over_still_clears_the_name(records: Records) -> None:
    with records.session() as session:
        measure = propose(session, wanted(MeasureKind.HOLD_PAYMENT, rule="r"), at(RULE))
        order(session, measure, at(RULE))
        measure.state = "lifted"
        appeal = receive_appeal(session, measure, WORDS, at(OWNER, 30))
        assert decide_appeal(session, appeal, UPHELD, at(CAL, 31)) == []
        assert record_of(session, "r", 0).wrong == 1
