"""What must hold after every step of every history, read from the tables alone.

None of it asks the code that it judges: each rule is written here a second time, as plainly as it can be.
"""

import json
from collections import defaultdict, namedtuple
from collections.abc import Iterable, Sequence
from typing import Any

from bench.histories.world import HOUR, World
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.tables import Case, CaseAnswer, CaseExemption, CaseNote, CaseSource, CaseSubject, CaseTask
from tocsin.measures.kind import TERMS, MeasureKind
from tocsin.measures.tables import Instruction, Measure, MeasureBatch
from tocsin.records.table import Record
from tocsin.rulebook.tables import Label

Rows = Sequence[Any]
STANDING = {"ordered", "delivered", "confirmed", "failed"}
OWED = {"proposed", "ordered", "delivered", "failed", "lifting"}
TABLES: tuple[type[Record], ...] = (
    *(Measure, Instruction, MeasureBatch, Case, CaseSubject, CaseSource, CaseAnswer, CaseTask, CaseExemption),
    *(CaseNote, Appeal, Label),
)
SHAPES = {table: namedtuple(table.__name__, [column.name for column in table.__table__.c]) for table in TABLES}
ASKED = {
    table: f"""select {", ".join(f'"{name}"' for name in shape._fields)} from {table.__tablename__} order by number"""
    for table, shape in SHAPES.items()
}


class Tables:
    """Every row there is, read at once."""

    def __init__(self, world: World) -> None:
        rows = {table: list(map(SHAPES[table]._make, world.read(asked))) for table, asked in ASKED.items()}
        self.measures, self.instructions, self.batches = rows[Measure], rows[Instruction], rows[MeasureBatch]
        self.cases, self.subjects, self.sources = rows[Case], rows[CaseSubject], rows[CaseSource]
        self.answers, self.tasks, self.exemptions = rows[CaseAnswer], rows[CaseTask], rows[CaseExemption]
        self.notes, self.appeals, self.labels = rows[CaseNote], rows[Appeal], rows[Label]
        self.measure = {each.number: each for each in self.measures}
        self.of_measure: dict[int, list[Any]] = defaultdict(list)
        for each in self.instructions:
            self.of_measure[each.measure].append(each)
        self.done = {table: rows[table] for table in (CaseNote, Label)}


def check(world: World, tables: Tables, before: Tables | None) -> None:
    """Everything that must hold now, and between the step before and now."""
    check_measures(tables)
    check_instructions(tables)
    check_ways_back(tables)
    check_cases(tables)
    check_holders(tables, world)
    check_appeals(tables)
    check_rules(tables)
    if before is not None:
        check_only_added(before, tables)


def check_measures(tables: Tables) -> None:
    """None in force without its start, its end where it has a term, its people, and a way back."""
    for each in tables.measures:
        terms = TERMS[MeasureKind(each.kind)]
        if each.state in STANDING:
            assert each.identity is not None, f"{each.number}: the same could be taken twice"
            assert each.starts_at is not None
            assert each.ordered_by is not None
            assert each.ends_at == (None if each.span_us is None else each.starts_at + each.span_us)
            assert terms.span_us is None or each.ends_at is not None, f"{each.number}: no end"
            people = {each.endorsed_by, each.ordered_by} - {None}
            assert terms.people < 2 or len(people) == 2, f"{each.number}: decided by {people}"
            assert not terms.people or all(who.startswith(("person:", "authority:")) for who in people)
        if each.state in {"lifting", "lifted"}:
            assert each.lifted_by, f"{each.number}: nobody lifted it"
            assert each.lifted_at is not None
            assert each.lift_reason
        if each.state not in STANDING | {"proposed"}:
            assert each.identity is None


def check_ended(tables: Tables, now: int) -> None:
    """After what is over was ended: nothing stands past its end."""
    late = [each.number for each in tables.measures if each.state in STANDING and (each.ends_at or now + 1) <= now]
    assert not late, f"past their end: {late}"


def check_instructions(tables: Tables) -> None:
    """What is ordered or lifted has one instruction under way, or its end is written down; and nothing else has."""
    for each in tables.measures:
        told = tables.of_measure[each.number]
        open_applies = [one for one in told if one.verb == "apply" and one.done_at is None]
        open_lifts = [one for one in told if one.verb == "lift" and one.done_at is None]
        applies = [one for one in told if one.verb == "apply"]
        match each.state:
            case "ordered" | "delivered":
                assert (len(open_applies), len(open_lifts)) == (1, 0), f"{each.number} is {each.state}: {told}"
            case "confirmed" | "failed":
                assert (len(open_applies), len(open_lifts)) == (0, 0)
                assert [one.outcome for one in applies][-1:] == [each.state]
            case "lifting":
                assert len(open_lifts) == (0 if each.failure else 1), f"{each.number} is being lifted: {told}"
            case "lifted":
                assert not open_lifts
                assert all(one.delivered_at is not None for one in open_applies), "told after it was over"
            case _:
                assert not told
    for one in tables.instructions:
        assert (one.done_at is None) is (one.outcome == "")


def check_ways_back(tables: Tables) -> None:
    """No lift leaves standing what the lifted measure brought about, and no declined one either."""
    for each in tables.measures:
        above = tables.measure.get(each.parent) if each.parent is not None else None
        if above is not None and above.state in {"declined", "lifting", "lifted"}:
            assert each.state in {"declined", "lifting", "lifted"}, (
                f"measure {each.number} is {each.state}; what brought it about, {above.number}, is {above.state}"
            )
    for batch in tables.batches:
        if batch.undone_at is not None:
            left = [each.number for each in tables.measures if each.batch == batch.number and each.state in STANDING]
            assert not left, f"the bulk act {batch.number} was undone, and {left} stand"


def check_effects(tables: Tables, effects: set[tuple[str, str, str]]) -> None:
    """Where the platform owes no answer, it has what the ledger says, and nothing else."""
    busy = {one.subject for one in tables.instructions if one.done_at is None}
    busy |= {each.subject for each in tables.measures if each.state == "lifting"}
    believed = {(each.subject, each.kind, each.scope) for each in tables.measures if each.state == "confirmed"}
    believed = {each for each in believed if each[0] not in busy}
    actual = {each for each in effects if each[0] not in busy}
    assert actual - believed == set(), f"stands on the platform without a measure: {actual - believed}"
    assert believed - actual == set(), f"believed, and not on the platform: {believed - actual}"


def check_cases(tables: Tables) -> None:
    """A closed case has nothing open but what somebody answers for; a merged one has nothing at all."""
    matters = [each.matter for each in tables.cases if each.state == "open"]
    assert None not in matters
    assert len(set(matters)) == len(matters), "two open cases for one matter"
    let = defaultdict(set)
    for each in tables.exemptions:
        assert each.why
        assert each.by.startswith(("person:", "authority:"))
        let[each.case_number].add(each.about)
    for case in tables.cases:
        if case.state == "open":
            continue
        left = set(what_is_open(tables, case)) - let[case.number]
        assert not left, f"case {case.number} is {case.state} with {left}"


def what_is_open(tables: Tables, case: Any) -> Iterable[str]:
    """What keeps a case from being done with. A lift that began once it was closed is no part of it any more."""
    number = case.number
    subjects = [each for each in tables.subjects if each.case_number == number]
    for measure in tables.measures:
        late = case.closed_at is not None and (measure.lifted_at or 0) >= case.closed_at
        if measure.case_number == number and measure.state in OWED and not (late and measure.state == "lifting"):
            yield f"measure:{measure.number}"
    yield from (f"answer:{each.number}" for each in tables.answers if each.case_number == number and not each.given_at)
    yield from (f"task:{each.number}" for each in tables.tasks if each.case_number == number and not each.done_at)
    if case.state != "closed":
        yield from (f"source:{each.number}" for each in tables.sources if each.case_number == number)
        return
    yield from (f"subject:{each.subject}" for each in subjects if not each.finding)
    found = {each.subject: each.finding for each in subjects}
    for measure in tables.measures:
        lasting = measure.kind != "warn" and measure.state == "confirmed"
        if measure.case_number == number and lasting and found.get(measure.subject) == "good":
            yield f"measure:{measure.number}"
    if case.four_eyes:
        first = {each.decided_by for each in subjects if each.finding}
        if case.second_by is None or case.second_by in first:
            yield "second"
    if "confirmed" in found.values() and case.verified_at is None:
        yield "verification"
    if not case.lesson or not json.loads(case.lesson)["what"]:
        yield "lesson"


def check_holders(tables: Tables, world: World) -> None:
    """Who was told that a case is theirs has it, as long as they were told."""
    for case in tables.cases:
        holder, until = world.leases.get(case.number, ("", 0))
        if until > world.now and holder:
            assert (case.holder, case.state) == (holder, "open"), f"case {case.number} was {holder}'s"
        elif case.holder is not None and case.held_until > world.now:
            raise AssertionError(f"case {case.number} is held by {case.holder}, who was not told")
        if case.state == "open":
            assert case.free_at <= max(world.now, case.held_until or 0, case.free_at)
            assert case.holder is None or case.held_until == case.free_at
        else:
            assert case.holder is None


def check_appeals(tables: Tables) -> None:
    """Upheld: the measure stands no more, the subject is known to be good, and another person had decided."""
    known = {(each.source, each.label) for each in tables.labels}
    for appeal in tables.appeals:
        measure = tables.measure[appeal.measure]
        if appeal.state == "received":
            continue
        assert appeal.why
        assert appeal.decided_by not in {measure.ordered_by, measure.endorsed_by, measure.proposed_by}
        assert appeal.state == "upheld" or appeal.redress
        if appeal.state == "upheld":
            assert measure.state in {"lifting", "lifted", "declined"}
            assert (f"appeal:{appeal.number}", "good") in known


def check_rules(tables: Tables, most: int = 2) -> None:
    """No rule has ordered more within any hour than it may."""
    for rule in {each.rule for each in tables.measures if each.rule}:
        at = sorted(
            each.ordered_at
            for each in tables.measures
            if each.rule == rule and (each.ordered_by or "").startswith("rule:") and each.ordered_at
        )
        assert all(later - first >= HOUR for first, later in zip(at, at[most:], strict=False)), f"{rule}: {at}"


def check_only_added(before: Tables, now: Tables) -> None:
    """What is only ever added to was only added to."""
    for table in (CaseNote, Label):
        kept = before.done[table]
        assert now.done[table][: len(kept)] == kept, f"{table.__tablename__} was changed"
