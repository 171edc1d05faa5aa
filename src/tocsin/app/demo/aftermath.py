"""What is done about it: two loops, from what a rule found to what was answered, closed or undone.

Receives the simulated events and their decisions. Gives, step by step, what the loop's own functions did with the gravest
story that a rule has a case and a measure for, and with a good user whom a rule has held. Times are simulated, people and
platform act at once; the records lie in a folder that is thrown away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.demo.judgement import Judgement
from tocsin.app.demo.platform import LabelledEvent
from tocsin.app.loop.intake import Taken, Terms, field_of, take_in
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import Objection, Verdict, decide_appeal, receive_appeal
from tocsin.cases.case import owe_answer
from tocsin.cases.closing import (
    Finding,
    Lesson,
    Open,
    close_case,
    decide_subject,
    exempt,
    give_answer,
    learn,
    open_things,
    verify_result,
)
from tocsin.cases.queue import Wish, claim
from tocsin.cases.tables import Case, CaseAnswer
from tocsin.history.entry import Entry
from tocsin.measures.instruction import confirm, pull
from tocsin.measures.measure import Policy
from tocsin.measures.tables import Measure
from tocsin.model.decision import Decision, RuleId
from tocsin.model.event import EventId
from tocsin.model.event_type import EventTypeName
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Actor, ActorKind, Stamp
from tocsin.records.tables import AuditEntry
from tocsin.records.trail.chain import BEGINNING, Trace, link_entries
from tocsin.records.trail.proof import verify_chain
from tocsin.rulebook.labels import RuleRecord, record_of
from tocsin.rules.pack import Rule

MINUTE_US = 60 * SECOND_US
DAY_US = 1_440 * MINUTE_US
FIRST, SECOND = Actor(ActorKind.PERSON, "reviewer-1"), Actor(ActorKind.PERSON, "reviewer-2")
WHO = ("inviter", "sender", "caller", "seller", "account")
"""Who begins a story, by the fields of its first event."""

PLATFORM = Actor(ActorKind.KEY, "platform")
TRACED = tuple(AuditEntry.__table__.c[name] for name in Trace.__struct_fields__)


class Done(Struct, frozen=True):
    """One step: when, by whom, what (a word that the table puts into a sentence), and its facts."""

    at: int
    by: str
    what: str
    facts: Mapping[str, str]


class Aftermath(Struct, frozen=True):
    """Both loops, how the rule stands after the second, and the proof of everything that was done."""

    fraud: tuple[Done, ...]
    good: tuple[Done, ...]
    record: RuleRecord | None
    acts: int
    holds: bool


class Found(Struct, frozen=True):
    """What a loop begins with: the event on which a rule fired that asks for something, and its decision."""

    labelled: LabelledEvent
    decision: Decision


def follow_up(
    folder: Path, labelled: Sequence[LabelledEvent], decisions: Mapping[str, Decision], judged: Judgement,
    rules: Mapping[RuleId, Rule],
) -> Aftermath:  # fmt: skip
    """Closes both loops. One that has nothing to begin with in this simulation is empty."""
    records = Records(folder)
    try:
        fraud, good, record = Scene(records, rules), Scene(records, rules), None
        story = _gravest(labelled, decisions, judged, rules)
        if story:
            _tell_fraud(fraud, *story)
        held = _held(labelled, decisions, judged, rules)
        if held:
            record = _tell_good(good, held)
        acts, holds = _prove(records)
    finally:
        records.close()
    return Aftermath(tuple(fraud.done), tuple(good.done), record, acts, holds)


class Scene:
    """One loop as it goes on: its time, and what was done."""

    def __init__(self, records: Records, rules: Mapping[RuleId, Rule]) -> None:
        self._records = records
        self._rules = rules
        self.now = 0
        self.done: list[Done] = []

    @contextmanager
    def act(self, by: Actor, minutes: float = 0) -> Iterator[tuple[Session, Stamp]]:
        """A transaction, some minutes later."""
        self.now += round(minutes * MINUTE_US)
        with self._records.change() as session:
            yield session, Stamp(by, self.now)

    def note(self, by: str, what: str, **facts: object) -> None:
        """Writes a step down."""
        self.done.append(Done(self.now, by, what, {name: str(value) for name, value in facts.items()}))

    def take_in(self, found: Found) -> Measure:
        """What the service does with a decision; answers the measure that was ordered by it."""
        event, decision = found.labelled.event, found.decision
        self.now = _time(found.labelled)
        entry = Entry(
            1, EventId(str(event["id"])), EventTypeName(str(event["type"])), self.now, self.now, decision.outcome,
            tuple(each.rule for each in decision.fired), (), msgspec.json.encode(event), msgspec.json.encode(decision),
        )  # fmt: skip
        with self.act(PLATFORM) as (session, stamp):
            take_in(session, Taken(entry), self._rules, Terms(measures=Policy()), stamp.at)
            asked = select(Measure).where(Measure.event == entry.id, Measure.ordered_at.is_not(None))
            measure = session.scalars(asked.order_by(Measure.case_number.is_(None), Measure.number)).first()
            assert measure is not None, "a rule was chosen that orders by itself"
            session.expunge(measure)
        self.note(measure.rule, "fired", outcome=decision.outcome, subject=measure.subject)
        self.note(measure.rule, "ordered", measure=_name(measure), case=measure.case_number or "")
        return measure

    def carry_out(self, minutes: float = 1) -> int:
        """The platform does everything that it is told."""
        count = 0
        with self.act(PLATFORM, minutes) as (session, stamp):
            while found := pull(session, 100, stamp.at):
                for each in found:
                    confirm(session, each, stamp)
                    count += 1
        return count


def _tell_fraud(scene: Scene, lure: LabelledEvent, found: Found) -> None:
    scene.now = _time(lure)
    who = next((lure.event[name] for name in WHO if name in lure.event), "")
    scene.note(str(who), "lured", stage=lure.stage, story=lure.story)
    measure = scene.take_in(found)
    scene.carry_out()
    scene.note("platform", "confirmed", measure=_name(measure))
    number = measure.case_number or 0
    with scene.act(FIRST, 12) as (session, stamp):
        owe_answer(session, session.get_one(Case, number), "report:1", "what became of it", stamp.at)
        held = claim(session, Wish(queues=(session.get_one(Case, number).queue,), lease_us=2 * DAY_US), stamp)
        assert held is not None
        decide_subject(session, held, Finding(measure.subject, "confirmed", "as the rule says"), stamp)
    scene.note(str(FIRST), "found", subject=measure.subject)
    with scene.act(FIRST, 3) as (session, stamp):
        case = session.get_one(Case, number)
        answer = session.scalars(select(CaseAnswer).where(CaseAnswer.case_number == number)).one()
        give_answer(session, answer, stamp, "report-answered")
        learn(session, case, Lesson("label", measure.typology), stamp)
        session.flush()
        left = _kinds(open_things(session, case))
    scene.note(str(FIRST), "answered", open=left)
    with scene.act(FIRST, 1_440) as (session, stamp):
        case = session.get_one(Case, number)
        verify_result(session, case, stamp, holds=True, what="the measure stands, nothing has come back")
        session.flush()
        rest = open_things(session, case)
        for each in rest:
            exempt(session, case, each.about, stamp, "nobody is told in a simulation")
        session.flush()
        close_case(session, case, stamp)
    scene.note(str(FIRST), "closed", case=number, open=_kinds(rest))


def _tell_good(scene: Scene, found: Found) -> RuleRecord:
    measure = scene.take_in(found)
    scene.carry_out()
    scene.note("platform", "confirmed", measure=_name(measure))
    person = Actor(ActorKind.SUBJECT, measure.subject)
    with scene.act(person, 55) as (session, stamp):
        said = Objection(text="This is me, and this is my own money.", channel="notice")
        number = receive_appeal(session, session.get_one(Measure, measure.number), said, stamp).number
    scene.note(measure.subject, "objected", appeal=number)
    with scene.act(SECOND, 18) as (session, stamp):
        verdict = Verdict(upheld=True, why="known for years, from a known address")
        waiting = receive_appeal(session, session.get_one(Measure, measure.number), said, stamp)
        lifted = decide_appeal(session, waiting, verdict, stamp)
        count = len(lifted)
    scene.note(str(SECOND), "upheld", lifted=count)
    scene.carry_out()
    with scene.act(SECOND) as (session, _):
        state = session.get_one(Measure, measure.number).state
        record = record_of(session, measure.rule, 0)
    scene.note("platform", "freed", subject=measure.subject, state=state)
    return record


def _gravest(
    labelled: Sequence[LabelledEvent],
    decisions: Mapping[str, Decision],
    judged: Judgement,
    rules: Mapping[RuleId, Rule],
) -> tuple[LabelledEvent, Found] | None:
    """The first event of a story, and the first on which a rule asks for a case and a measure; most money first."""
    for story in sorted(judged.stories, key=lambda each: (-each.saved - each.lost, each.story)):
        events = [each for each in labelled if each.story == story.story]
        found = _first(events, decisions, lambda rule: bool(rule.case and rule.measures), rules)
        if found:
            return events[0], found
    return None


def _held(
    labelled: Sequence[LabelledEvent],
    decisions: Mapping[str, Decision],
    judged: Judgement,
    rules: Mapping[RuleId, Rule],
) -> Found | None:
    hurt = {each.event_id for each in judged.hurt}
    return _first(
        [each for each in labelled if each.event["id"] in hurt], decisions, lambda rule: bool(rule.measures), rules
    )


def _first(
    events: Sequence[LabelledEvent],
    decisions: Mapping[str, Decision],
    fits: Callable[[Rule], bool],
    rules: Mapping[RuleId, Rule],
) -> Found | None:
    for each in events:
        decision = decisions[str(each.event["id"])]
        fired = [rules[one.rule] for one in decision.fired]
        if any(fits(rule) and isinstance(field_of(each.event, rule.subject), str) for rule in fired):
            return Found(each, decision)
    return None


def _prove(records: Records) -> tuple[int, bool]:
    """Links everything that was done, and proves it."""
    with records.session() as session:
        rows = session.execute(select(*TRACED).order_by(AuditEntry.number))
        traces = [Trace(**dict(row._mapping)) for row in rows]
    return len(traces), verify_chain(traces, link_entries(BEGINNING, traces), (), {}).holds


def _kinds(left: Sequence[Open]) -> str:
    """What kinds of things are open, each once."""
    return " ".join(sorted({each.about.partition(":")[0] for each in left}))


def _name(measure: Measure) -> str:
    return f"{measure.kind}:{measure.scope}" if measure.scope else measure.kind


def _time(labelled: LabelledEvent) -> int:
    return round(datetime.fromisoformat(str(labelled.event["time"])).timestamp() * SECOND_US)
