"""A notice is owed with the act, written from the records in the person's language, and keeps its case open until it is there."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.loop import ANN, BEN, DAY, HOUR, NOW, PLATFORM, RULE, at, suspected, wanted
from tocsin.app.bootstrap import load_content, load_duties
from tocsin.app.loop.house import Premises, make_premises
from tocsin.app.loop.settler import Settler
from tocsin.app.loop_settings import ClockSettings, NoticeSettings
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import Objection, Verdict, decide_appeal, receive_appeal
from tocsin.cases.case import open_case, owe_answer
from tocsin.cases.closing import exempt, open_things
from tocsin.cases.tables import Case
from tocsin.measures.instruction import confirm, pull
from tocsin.measures.kind import MeasureKind
from tocsin.measures.lifting import expire_due, lift
from tocsin.measures.measure import order, propose
from tocsin.measures.notices.code import new_code
from tocsin.measures.notices.delivery import mark_delivered, mark_seen, withhold
from tocsin.measures.notices.owing import find_by_code
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.tables import Measure
from tocsin.model.errors import NoticeWrong
from tocsin.records.actor import Actor, ActorKind
from tocsin.records.errors import MeasureWrong
from tocsin.records.tables import Message

CATALOGUE, TEMPLATES = load_content([])
REGISTER = load_duties([])
CAL = Actor(ActorKind.PERSON, "reviewer-3")
OWNER = Actor(ActorKind.SUBJECT, "account:m")


def premises(**notices: object) -> Premises:
    settings = Settings(clocks=ClockSettings(regimes=["CN"], actors=["isp"]), notices=NoticeSettings(**notices))  # type: ignore[arg-type]
    return make_premises(settings, CATALOGUE, TEMPLATES, REGISTER)


class Desk:
    """Records and the work on them, at a time that the test sets."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.now = NOW + HOUR
        self.settler = Settler(records, premises(), lambda: self.now)

    def settle(self, hours: float) -> None:
        self.now = NOW + round(hours * HOUR)
        while self.settler.advance():
            pass

    def notices(self) -> dict[str, NoticeRecord]:
        with self.records.session() as session:
            found = session.scalars(select(NoticeRecord).order_by(NoticeRecord.number)).all()
            session.expunge_all()
        return {f"{each.event}:{each.appeal or each.measure}": each for each in found}

    def told(self, kind: str) -> int:
        with self.records.session() as session:
            return len(session.scalars(select(Message.number).where(Message.type == kind)).all())


@pytest.fixture
def desk(records: Records) -> Desk:
    return Desk(records)


@pytest.fixture
def session(records: Records) -> Iterator[Session]:
    with records.session() as opened:
        yield opened


def carry_out(session: Session, hours: float = 0) -> None:
    session.flush()
    while found := pull(session, 50, NOW):
        for instruction in found:
            confirm(session, instruction, at(PLATFORM, hours))
        session.flush()


def test_whoever_acts_a_notice_is_owed_in_the_same_transaction(session: Session) -> None:
    measure = propose(session, wanted(span_us=DAY), at(RULE))
    assert session.scalars(select(NoticeRecord)).all() == []
    order(session, measure, at(RULE))
    carry_out(session)
    expire_due(session, NOW + 2 * DAY)
    states = {each.event: (each.state, each.owed_at) for each in session.scalars(select(NoticeRecord))}
    assert states == {"taken": ("owed", NOW), "lifted": ("owed", NOW + 2 * DAY)}


def test_a_measure_that_is_tried_again_is_told_once(session: Session) -> None:
    measure = propose(session, wanted(), at(RULE))
    order(session, measure, at(RULE))
    measure.state = "failed"
    order(session, measure, at(ANN, 1))
    assert len(session.scalars(select(NoticeRecord)).all()) == 1


def test_what_was_taken_back_before_anybody_saw_it_is_told_to_nobody(session: Session) -> None:
    measure = propose(session, wanted(), at(RULE))
    order(session, measure, at(RULE))
    lift(session, measure, at(ANN), "a mistake")
    assert [each.state for each in session.scalars(select(NoticeRecord))] == ["void"]


def test_what_belongs_to_nobody_has_no_notice(session: Session) -> None:
    measure = propose(session, wanted(MeasureKind.BLOCK_INDICATOR, "domain:bad.example"), at(RULE))
    order(session, measure, at(RULE))
    assert session.scalars(select(NoticeRecord)).all() == []


def test_a_notice_is_written_in_the_persons_language_with_law_and_article(desk: Desk) -> None:
    with desk.records.session() as session:
        for lang in ("", "zh"):
            measure = propose(session, wanted(subject=f"account:{lang}77001234", basis="CN-08", lang=lang), at(RULE))
            order(session, measure, at(RULE))
    desk.settle(1)
    english, chinese = desk.notices().values()
    assert (english.lang, chinese.lang, english.state) == ("en", "zh", "issued")
    assert "Anti-Telecom and Online Fraud Law of China (2022), Art 22(1)" in english.body
    assert "第二十二条第一款" in chinese.body
    assert english.code in english.body
    assert (desk.told("notice.issued"), english.issued_at) == (2, NOW + HOUR)


def test_every_event_of_a_measures_life_is_told(desk: Desk) -> None:
    with desk.records.session() as session:
        measure = propose(session, wanted(MeasureKind.CLOSE, "account:77001234"), at(RULE))
        order(session, measure, at(ANN))
        order(session, measure, at(BEN))
        goods = propose(session, wanted(MeasureKind.TAKE_DOWN, "listing:5501", parent=measure.number), at(ANN))
        order(session, goods, at(ANN))
        carry_out(session)
        refused = Verdict(upheld=False, why="the payers were defrauded", redress="the consumer association")
        for turn, verdict in enumerate((refused, Verdict(upheld=True, why="a licensed shop")), 1):
            appeal = receive_appeal(session, measure, Objection(text="mine", channel="web"), at(OWNER, turn))
            decide_appeal(session, appeal, verdict, at(CAL, turn))
    desk.settle(3)
    found = desk.notices()
    assert {each.state for each in found.values()} == {"issued"}
    assert set(found) == {
        "taken:1", "taken:2", "appeal_received:1", "appeal_refused:1", "appeal_received:2", "appeal_upheld:2", "lifted:1", "lifted:2"
    }  # fmt: skip
    assert "the consumer association" in found["appeal_refused:1"].body
    assert "licensed shop" in found["appeal_upheld:2"].body
    assert "your listing (ending in 01)" in found["appeal_upheld:2"].body
    assert len({each.code for each in found.values()}) == 2


def test_who_reported_is_never_named_and_the_notice_is_tried_again_and_not_sent(desk: Desk) -> None:
    with desk.records.session() as session:
        case = open_case(session, suspected(), at(ANN))
        owe_answer(session, case, "account:zhang-san", "what became of it", NOW)
        measure = propose(session, wanted(reason="account:zhang-san told us", case_number=case.number), at(ANN))
        order(session, measure, at(ANN))
    desk.settle(1)
    desk.settle(3)
    (notice,) = desk.notices().values()
    assert (notice.state, notice.body) == ("owed", "")
    assert "would say who reported" in notice.failure
    assert (desk.told("notice.failed"), desk.told("notice.issued")) == (1, 0)


def test_an_undelivered_notice_keeps_its_case_open_unless_somebody_answers_for_it(desk: Desk) -> None:
    with desk.records.session() as session:
        case = open_case(session, suspected(), at(ANN))
        order(session, propose(session, wanted(case_number=case.number), at(ANN)), at(ANN))
        carry_out(session)

    def open_now() -> set[str]:
        with desk.records.session() as session:
            return {each.about for each in open_things(session, session.get_one(Case, 1))}

    assert "notice:1" in open_now()
    desk.settle(1)
    assert "notice:1" in open_now()
    with desk.records.session() as session:
        exempt(session, session.get_one(Case, 1), "notice:1", at(ANN), "the account was never used")
    assert "notice:1" not in open_now()


def test_a_measure_of_which_nobody_was_ever_to_be_told_keeps_its_case_open(session: Session) -> None:
    case = open_case(session, suspected(), at(ANN))
    order(session, propose(session, wanted(case_number=case.number), at(ANN)), at(ANN))
    session.delete(session.scalars(select(NoticeRecord)).one())
    session.flush()
    assert "untold:1" in {each.about for each in open_things(session, case)}


def test_delivered_and_seen_are_said_once_and_only_of_what_was_issued(desk: Desk) -> None:
    with desk.records.session() as session:
        order(session, propose(session, wanted(), at(RULE)), at(RULE))
    with desk.records.session() as session:
        notice = session.get_one(NoticeRecord, 1)
        with pytest.raises(NoticeWrong, match="is owed"):
            mark_delivered(session, notice, at(PLATFORM))
        with pytest.raises(NoticeWrong, match="a person"):
            withhold(session, notice, at(PLATFORM), "w")
    desk.settle(1)
    with desk.records.session() as session:
        notice = session.get_one(NoticeRecord, 1)
        with pytest.raises(NoticeWrong, match="is issued"):
            withhold(session, notice, at(ANN), "w")
        assert mark_seen(session, notice, at(PLATFORM, 2))
        assert not mark_delivered(session, notice, at(PLATFORM, 3))
        assert (notice.delivered_at, notice.seen_at) == (NOW + 2 * HOUR, NOW + 2 * HOUR)
    assert desk.told("notice.delivered") == 1


def test_a_code_is_found_however_it_is_typed_and_another_is_not(session: Session) -> None:
    order(session, propose(session, wanted(), at(RULE)), at(RULE))
    code = session.scalars(select(NoticeRecord.code)).one()
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        found = find_by_code(session, typed)
        assert found is not None
        assert session.get_one(Measure, found.measure).subject == "account:m"
    for typed in ("", "x", str(new_code()), code[:-1], "x" * 10_000):
        assert find_by_code(session, typed) is None


@pytest.mark.parametrize("given", [{"lang": "de"}, {"content_on": "1 May"}, {"untold": "secret"}])
def test_what_a_notice_could_not_be_made_from_is_refused_with_the_measure(
    session: Session, given: dict[str, str]
) -> None:
    with pytest.raises(MeasureWrong):
        propose(session, wanted(**given), at(RULE))


def test_an_outage_of_days_is_caught_up_with_and_what_was_done_in_time_was_in_time(desk: Desk) -> None:
    with desk.records.session() as session:
        measure = propose(session, wanted(MeasureKind.SUSPEND, case_number=None), at(ANN))
        order(session, measure, at(ANN))
        carry_out(session, 1)
        appeal = receive_appeal(session, measure, Objection(text="mine", channel="web"), at(OWNER, 2))
        decide_appeal(session, appeal, Verdict(upheld=True, why="a shop"), at(CAL, 3))
    desk.settle(24 * 30)
    assert desk.told("clock.missed") == 1, "the person was told a month late (CN-23), and nothing else was late"
    assert desk.told("notice.issued") == 4
    desk.settle(24 * 31)
    assert (desk.told("clock.missed"), desk.told("notice.issued")) == (1, 4)
