"""A result is looked at when its time has come, and what comes back is found by itself."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.reference.entries import make_entry
from tests.reference.loop import ANN, BEN, DAY, HOUR, NOW, PLATFORM, RULE, at, suspected, wanted
from tocsin.app.loop.lookout import Lookout, is_sign
from tocsin.app.storage.records import Records
from tocsin.cases.case import open_case
from tocsin.cases.closing import Finding, Lesson, close_case, decide_subject, exempt, learn, open_things, verify_result
from tocsin.cases.queue import Wish, claim
from tocsin.cases.tables import Case, CaseTask
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.measures.instruction import confirm, pull
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import order, propose
from tocsin.model.entity import EntityRef
from tocsin.model.event_type import EventTypeName
from tocsin.records.tables import Message

GOODS = Wish(queues=("goods",))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def event(seq: int, kind: str, at_us: int, **fields: str) -> Entry:
    body = msgspec.json.encode({"id": f"e{seq}", "type": kind, **fields})
    entities = tuple(EntityRef(value) for value in fields.values())
    return replace(make_entry(seq), type=EventTypeName(kind), at=at_us, entities=entities, event=body)


def take_down(session: Session, subject: str = "listing:7", due_at: int = NOW + DAY) -> Case:
    """A case whose goods were taken down, confirmed by the platform an hour later, and decided."""
    fields = {"queue": "goods", "typology": "CARDS", "due_at": due_at}
    case = open_case(session, suspected(subject, f"case of {subject}", **fields), at(RULE))
    order(session, propose(session, wanted(MeasureKind.TAKE_DOWN, subject, case_number=case.number), at(ANN)), at(ANN))
    for instruction in pull(session, 9, NOW):
        confirm(session, instruction, at(PLATFORM, 1))
    claim(session, GOODS, at(ANN, 1))
    decide_subject(session, case, Finding(subject, "confirmed", "SIM cards"), at(ANN, 1))
    learn(session, case, Lesson("none", "known"), at(ANN, 1))
    return case


def close(session: Session, case: Case, hours: float) -> None:
    claim(session, GOODS, at(ANN, hours))
    verify_result(session, case, at(ANN, hours), True, "gone")
    for each in open_things(session, case):
        exempt(session, case, each.about, at(ANN, hours), "not of this test")
        session.flush()
    close_case(session, case, at(ANN, hours))


def told(session: Session, kind: str) -> int:
    return len(session.scalars(select(Message).where(Message.type == kind)).all())


def test_a_case_comes_to_the_front_of_its_queue_once_its_result_is_to_be_looked_at(
    tmp_path: Path, records: Records
) -> None:
    clock, history = Clock(), History(tmp_path)
    with records.change() as session:
        take_down(session, due_at=NOW + 9 * DAY)
        open_case(session, suspected("listing:8", "e8", queue="goods", due_at=NOW + HOUR), at(RULE))
    lookout = Lookout(records, history, clock)
    assert lookout.advance() == 0
    clock.now = NOW + 26 * HOUR
    assert (lookout.advance(), lookout.advance()) == (1, 0)
    with records.change() as session:
        case = claim(session, GOODS, at(BEN, 26))
        assert case is not None
        assert case.subject == "listing:7"
        (task,) = session.scalars(select(CaseTask)).all()
        assert f"task:{task.number}" in {each.about for each in open_things(session, case)}
        verify_result(session, case, at(BEN, 26), True, "the page is gone")
        assert task.done_by == str(BEN)
        assert case.rank > NOW
        assert told(session, "case.verification_due") == 1
    assert lookout.advance() == 0
    history.close()


@pytest.mark.parametrize("closed", [False, True])
def test_goods_that_are_listed_again_open_their_case_again_once(tmp_path: Path, records: Records, closed: bool) -> None:
    clock, history = Clock(), History(tmp_path)
    with records.change() as session:
        case = take_down(session)
        if closed:
            close(session, case, 26)
        number = case.number
    clock.now = NOW + 30 * HOUR
    lookout = Lookout(records, history, clock)
    before = event(1, "listing.create", NOW, seller="account:s", listing="listing:7")
    other = event(2, "listing.create", NOW + 29 * HOUR, seller="account:s", listing="listing:9")
    history.journal.append((before, other), clock.now)
    history.index.add((before, other))
    with records.session() as session:
        was = session.get_one(Case, number).reopened
    lookout.advance()
    with records.session() as session:
        assert told(session, "case.recurred") == 0
    again = event(3, "listing.create", NOW + 30 * HOUR, seller="account:s", listing="listing:7")
    history.journal.append((again,), clock.now)
    history.index.add((again,))
    assert lookout.advance() >= 1
    assert Lookout(records, history, clock).advance() == 0
    with records.change() as session:
        case = session.get_one(Case, number)
        assert (case.state, case.reopened, case.decided_by) == ("open", was + closed, None)
        assert "subject:listing:7" in {each.about for each in open_things(session, case)}
        assert "listing:7 is there again" in case.verification
        assert told(session, "case.recurred") == 1
        assert claim(session, GOODS, at(BEN, 31)) is case
    history.close()


@pytest.mark.parametrize(
    ("kind", "fields", "shows"),
    [
        ("listing.create", {"seller": "account:x", "listing": "listing:1"}, True),
        ("account.login", {"account": "account:x"}, True),
        ("message.send", {"sender": "account:x", "recipient": "account:y"}, True),
        ("message.send", {"sender": "account:y", "recipient": "account:x"}, False),
        ("payment.transfer", {"sender": "account:y", "payee": "account:x"}, False),
    ],
)
def test_only_who_acts_is_there_again_and_not_to_whom_something_is_done(
    kind: str, fields: dict[str, str], shows: bool
) -> None:
    assert is_sign(event(1, kind, NOW, **fields), "account:x") is shows
