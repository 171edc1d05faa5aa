"""Random histories: everything that can be done about measures, cases, appeals and clocks, in any order, by anybody.

Hypothesis draws the acts. After each, everything in `truths` must hold. At the end of each history the loop is closed:
whatever state it was left in, people and platform can bring every case to its end.
"""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.histories import closing, truths
from bench.histories.ledger import verify_log
from bench.histories.platform import Platform
from bench.histories.time import Clocks
from bench.histories.world import DAY, HOUR, PEOPLE, PLATFORM, QUEUES, RULES, SUBJECTS, World
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import Objection, Verdict, decide_appeal, receive_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.case import (
    NewCase,
    SourceKind,
    add_subject,
    comment,
    merge_case,
    open_case,
    owe_answer,
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
    reopen_case,
    second,
    verify_result,
)
from tocsin.cases.queue import Wish, claim, claim_one, free_abandoned, release, route, snooze
from tocsin.cases.tables import Case, CaseAnswer
from tocsin.measures.bulk import apply_batch, plan_batch, undo_batch
from tocsin.measures.kind import TERMS, MeasureKind
from tocsin.measures.lifting import expire_due, lift, repeat_lift
from tocsin.measures.measure import NewMeasure, Policy, decline, may_order_by_itself, order, propose
from tocsin.measures.tables import Measure, MeasureBatch
from tocsin.records.actor import SYSTEM, Actor, ActorKind, Stamp
from tocsin.records.table import Record

picks = st.integers(0, 11)
people = st.sampled_from(PEOPLE)
anybody = st.sampled_from((*PEOPLE, *PEOPLE, *RULES))
subjects = st.sampled_from(SUBJECTS)
kinds = st.sampled_from(tuple(MeasureKind))
spans = st.sampled_from((None, None, HOUR, 3 * DAY))
WHYS = ("because", "because", "because", " ")
whys = st.sampled_from(WHYS)
POLICY = Policy(rule_per_hour=2)


def wanted_on(subject: str, kind: MeasureKind, **given: object) -> NewMeasure:
    fields: dict[str, object] = {"basis": "Terms 4", "reason": "strangers pay", **given}
    if TERMS[kind].scoped:
        fields["scope"] = "call"
    return NewMeasure(subject=subject, kind=kind, **fields)  # type: ignore[arg-type]


class Histories(RuleBasedStateMachine):
    """One history. `records` are given by a subclass."""

    records: Records
    after: Callable[[World], None] = staticmethod(lambda _: None)

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.records)
        self.platform = Platform(self.world)
        self.clocks = Clocks()
        self.before: truths.Tables | None = None
        self.numbers: dict[str, list[int]] = {"measure": [], "case": [], "appeal": [], "batch": [], "answer": []}

    def teardown(self) -> None:
        try:
            if self.world.sound:
                self.world.sound = False
                closing.close_everything(self.world, self.platform)
                tables = truths.Tables(self.world)
                truths.check(self.world, tables, self.before)
                truths.check_effects(tables, self.platform.effects)
                verify_log(self.world)
                type(self).after(self.world)
        finally:
            self.world.end()

    @invariant()
    def everything_holds(self) -> None:
        self.world.sound = False
        tables = truths.Tables(self.world)
        truths.check(self.world, tables, self.before)
        truths.check_effects(tables, self.platform.effects)
        self.clocks.check(self.world.now)
        self.before = tables
        self.numbers["measure"] = [each.number for each in tables.measures]
        self.numbers["case"] = [each.number for each in tables.cases]
        self.numbers["appeal"] = [each.number for each in tables.appeals]
        self.numbers["batch"] = [each.number for each in tables.batches]
        self.numbers["answer"] = [each.number for each in tables.answers]
        self.world.sound = True

    def of(self, kind: str, pick: int) -> int:
        """One of those that there are, the youngest first."""
        found = self.numbers[kind]
        return found[-1 - pick % len(found)]

    def has(self, kind: str) -> bool:
        return bool(self.numbers[kind])

    def on(
        self, name: str, table: type[Record], number: int, by: Actor, do: Callable[[Session, object, Stamp], object]
    ) -> object:
        return self.world.act(name, by, lambda session, stamp: do(session, session.get_one(table, number), stamp))

    @initialize(
        matters=st.lists(subjects, max_size=2),
        taken=st.lists(st.tuples(subjects, kinds), max_size=4),
        seen=st.booleans(),
    )
    def begin(self, matters: list[str], taken: list[tuple[str, MeasureKind]], seen: bool) -> None:
        """Most histories begin with something on the platform already."""
        for subject in matters:
            self.suspect(subject, "AIDING", QUEUES[0], False, 24, False)
        for turn, (subject, kind) in enumerate(taken):
            self.everything_holds()
            self.propose(subject, kind, PEOPLE[0], None, turn % 2 == 1, turn < 2, 0)
            self.everything_holds()
            for by in PEOPLE[: 1 + (TERMS[kind].people == 2)]:
                if self.has("measure"):
                    self.order(0, by)
        if seen:
            self.carry_out(5, [True] * 4)

    # measures

    @rule(subject=subjects, kind=kinds, by=anybody, span=spans, brought=st.booleans(), case=st.booleans(), pick=picks)
    def propose(
        self, subject: str, kind: MeasureKind, by: Actor, span: int | None, brought: bool, case: bool, pick: int
    ) -> None:
        wanted = wanted_on(
            subject, kind, span_us=span,
            parent=self.of("measure", pick) if brought and self.has("measure") else None,
            case_number=self.of("case", pick) if case and self.has("case") else None,
            rule=by.name if by in RULES else "",
        )  # fmt: skip

        def do(session: Session, stamp: Stamp) -> bool:
            """As what fires does it, where a rule proposes; as a person does it through the interface, where a person does."""
            known = set(session.scalars(select(Measure.number)))
            if wanted.case_number is not None:
                closing.check_case(session, wanted.case_number)
            measure = propose(session, wanted, stamp)
            if (
                by in RULES
                and measure.state == "proposed"
                and not may_order_by_itself(session, measure, POLICY, stamp.at)
            ):
                order(session, measure, stamp)
                return True
            return measure.number not in known

        self.world.act("propose", by, do)

    @precondition(lambda self: self.has("measure"))
    @rule(pick=picks, by=anybody)
    def order(self, pick: int, by: Actor) -> None:
        if by in RULES:
            return
        self.on(
            "order", Measure, self.of("measure", pick), by, lambda session, it, stamp: (order(session, it, stamp), 1)
        )

    @precondition(lambda self: self.has("measure"))
    @rule(pick=picks, by=anybody, why=whys)
    def decline(self, pick: int, by: Actor, why: str) -> None:
        self.on(
            "decline",
            Measure,
            self.of("measure", pick),
            by,
            lambda session, it, stamp: decline(session, it, stamp, why),
        )

    @precondition(lambda self: self.has("measure"))
    @rule(pick=picks, by=people, why=whys)
    def lift(self, pick: int, by: Actor, why: str) -> None:
        self.on("lift", Measure, self.of("measure", pick), by, lambda session, it, stamp: lift(session, it, stamp, why))

    @precondition(lambda self: self.has("measure"))
    @rule(pick=picks, by=people)
    def repeat(self, pick: int, by: Actor) -> None:
        self.on("repeat", Measure, self.of("measure", pick), by, repeat_lift)

    @precondition(lambda self: self.has("measure"))
    @rule(limit=st.integers(1, 5), can=st.lists(st.sampled_from((True, True, False)), max_size=4))
    def carry_out(self, limit: int, can: list[bool]) -> None:
        self.platform.pull(limit)
        for each, number in zip(can, self.platform.waiting(), strict=False):
            self.platform.answer(number, can=each)
            assert not self.platform.answer(number, can=each), "answered twice, and both times it counted"

    # bulk acts

    @rule(named=st.lists(st.tuples(subjects, kinds), min_size=1, max_size=4), by=st.sampled_from((*PEOPLE, PLATFORM)))
    def plan(self, named: list[tuple[str, MeasureKind]], by: Actor) -> None:
        wanted = [wanted_on(*each) for each in named]
        before = len(self.numbers["measure"])
        plan = self.world.act("plan", by, lambda session, stamp: plan_batch(session, wanted, stamp, "a list"))
        assert plan is not None
        assert plan.new + plan.known + len(plan.refused) == len(wanted)
        assert len(truths.Tables(self.world).measures) == before, "a dry run took a measure"

    @precondition(lambda self: self.has("batch"))
    @rule(pick=picks, by=st.sampled_from((*PEOPLE, PLATFORM)))
    def apply(self, pick: int, by: Actor) -> None:
        number = self.of("batch", pick)
        with self.world.session() as session:
            undone = session.get_one(MeasureBatch, number).undone_at is not None
        place = self.world.act(
            "apply", by, lambda session, stamp: (apply_batch(session, number, stamp), 1), traced=False
        )
        assert (place is None) is undone, "a bulk act that was planned cannot be taken"

    @precondition(lambda self: self.has("batch"))
    @rule(pick=picks, by=people)
    def undo(self, pick: int, by: Actor) -> None:
        number = self.of("batch", pick)
        undone = self.world.act("undo", by, lambda session, stamp: undo_batch(session, number, stamp))
        if undone is not None:
            stands = truths.Tables(self.world).measures
            kept = {each for each, _ in undone.kept}
            left = {each.number for each in stands if each.batch == number and each.state not in {"lifting", "lifted"}}
            assert left <= kept, "what could not be undone was not told"

    # appeals

    @precondition(lambda self: self.has("measure"))
    @rule(pick=picks, subject=st.booleans())
    def appeal(self, pick: int, subject: bool) -> None:
        by = Actor(ActorKind.SUBJECT, "account:a") if subject else PEOPLE[0]
        said = Objection(text="This is my shop.", channel="web")

        def do(session: Session, stamp: Stamp) -> bool:
            known = set(session.scalars(select(Appeal.number)))
            return (
                receive_appeal(session, session.get_one(Measure, self.of("measure", pick)), said, stamp).number
                not in known
            )

        self.world.act("appeal", by, do)

    @precondition(lambda self: self.has("appeal"))
    @rule(pick=picks, by=people, upheld=st.booleans())
    def decide(self, pick: int, by: Actor, upheld: bool) -> None:
        verdict = Verdict(upheld=upheld, why="looked at again", redress="" if upheld else "the court")
        self.on(
            f"decide {'upheld' if upheld else 'refused'}", Appeal, self.of("appeal", pick), by,
            lambda session, it, stamp: decide_appeal(session, it, verdict, stamp),
        )  # fmt: skip

    # cases

    @rule(
        subject=subjects, typology=st.sampled_from(("AIDING", "INVEST")), queue=st.sampled_from(QUEUES),
        four=st.booleans(), hours=st.integers(1, 72), again=st.booleans(),
    )  # fmt: skip
    def suspect(self, subject: str, typology: str, queue: str, four: bool, hours: int, again: bool) -> None:
        number = 1 if again else next(self.world.references)
        wanted = NewCase(
            subject=subject, source=SourceKind.REPORT, reference=f"r{number}", queue=queue, typology=typology,
            due_at=self.world.now + hours * HOUR, four_eyes=four, harm=hours,
        )  # fmt: skip
        with self.world.session() as session:
            known = session.scalars(
                select(truths.CaseSource).where(truths.CaseSource.reference == wanted.reference)
            ).first()
        self.world.act(
            "suspect", RULES[0], lambda session, stamp: open_case(session, wanted, stamp), traced=known is None
        )

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, subject=subjects)
    def name(self, pick: int, subject: str) -> None:
        self.world.act(
            "name", PEOPLE[0],
            lambda session, _: add_subject(session, session.get_one(Case, self.of("case", pick)), subject, "helper"),
            traced=False,
        )  # fmt: skip

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks)
    def owe(self, pick: int) -> None:
        self.world.act(
            "owe", PEOPLE[0],
            lambda session, stamp: owe_answer(session, session.get_one(Case, self.of("case", pick)), "report:1", "it", stamp.at),
            traced=False,
        )  # fmt: skip

    @precondition(lambda self: self.has("answer"))
    @rule(pick=picks, by=people)
    def answer(self, pick: int, by: Actor) -> None:
        self.world.act(
            "answer", by,
            lambda session, stamp: give_answer(session, session.get_one(CaseAnswer, self.of("answer", pick)), stamp, "N-1"),
            traced=False,
        )  # fmt: skip

    @precondition(lambda self: self.has("case"))
    @rule(by=people, queues=st.sampled_from((QUEUES, QUEUES[:1], QUEUES[1:])))
    def claim(self, by: Actor, queues: tuple[str, ...]) -> None:
        def do(session: Session, stamp: Stamp) -> int:
            found = claim(session, Wish(queues=queues), stamp)
            return 0 if found is None else found.number

        number = self.world.act("claim", by, do, traced=False)
        if number:
            self.world.hold(number, by, self.world.now + Wish(queues=queues).lease_us)

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people)
    def take(self, pick: int, by: Actor) -> None:
        number = self.of("case", pick)
        if self.on("take", Case, number, by, lambda session, it, stamp: (claim_one(session, it, stamp), 1)):
            self.world.hold(number, by, self.world.now + Wish(queues=QUEUES).lease_us)

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people, how=st.sampled_from(("release", "skip", "snooze", "route")), hours=st.integers(1, 30))
    def give_back(self, pick: int, by: Actor, how: str, hours: int) -> None:
        number = self.of("case", pick)

        def do(session: Session, case: Case, stamp: Stamp) -> int:
            match how:
                case "release" | "skip":
                    release(session, case, stamp, "I know them" if how == "skip" else "")
                case "snooze":
                    snooze(session, case, stamp, stamp.at + hours * HOUR, "noon")
                case _:
                    route(session, case, QUEUES[hours % 2], stamp, "theirs")
            return 1

        if self.on(how, Case, number, by, do):
            self.world.leases.pop(number, None)

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people, subject=subjects, found=st.sampled_from(("confirmed", "good", "unable")), why=whys)
    def find(self, pick: int, by: Actor, subject: str, found: str, why: str) -> None:
        finding = Finding(subject, found, why)
        self.on(
            "find",
            Case,
            self.of("case", pick),
            by,
            lambda session, it, stamp: (decide_subject(session, it, finding, stamp), 1),
        )

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people, agrees=st.booleans())
    def look_again(self, pick: int, by: Actor, agrees: bool) -> None:
        self.on(
            "second",
            Case,
            self.of("case", pick),
            by,
            lambda session, it, stamp: (second(session, it, stamp, agrees, "seen"), 1),
        )

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people, holds=st.booleans())
    def verify(self, pick: int, by: Actor, holds: bool) -> None:
        self.on(
            "verify",
            Case,
            self.of("case", pick),
            by,
            lambda session, it, stamp: (verify_result(session, it, stamp, holds, "s"), 1),
        )

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people)
    def learn(self, pick: int, by: Actor) -> None:
        lesson = Lesson("none", "nothing new")
        self.on(
            "learn", Case, self.of("case", pick), by, lambda session, it, stamp: (learn(session, it, lesson, stamp), 1)
        )

    @precondition(lambda self: self.has("case"))
    @rule(
        pick=picks, by=anybody, why=whys, which=picks,
        about=st.sampled_from(("verification", "second", "lesson", "subject", "measure", "answer")),
    )  # fmt: skip
    def exempt(self, pick: int, by: Actor, why: str, which: int, about: str) -> None:
        if about == "subject":
            about = f"subject:{SUBJECTS[which % len(SUBJECTS)]}"
        elif about in {"measure", "answer"}:
            about = f"{about}:{self.of(about, which) if self.has(about) else 0}"
        self.on(
            "exempt",
            Case,
            self.of("case", pick),
            by,
            lambda session, it, stamp: (exempt(session, it, about, stamp, why), 1),
        )

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people)
    def close(self, pick: int, by: Actor) -> None:
        number = self.of("case", pick)
        if self.on("close", Case, number, by, lambda session, it, stamp: (close_case(session, it, stamp), 1)):
            self.world.leases.pop(number, None)

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people, exempting=st.lists(st.booleans(), min_size=6, max_size=6))
    def see_through(self, pick: int, by: Actor, exempting: list[bool]) -> None:
        """What random acts reach too seldom: one person does or exempts all that is open, and closes."""
        closing.see_through(self.world, self.platform, self.of("case", pick), by, exempting)

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people)
    def reopen(self, pick: int, by: Actor) -> None:
        self.on(
            "reopen",
            Case,
            self.of("case", pick),
            by,
            lambda session, it, stamp: (reopen_case(session, it, stamp, "new"), 1),
        )

    @precondition(lambda self: len(self.numbers["case"]) > 1)
    @rule(pick=picks, other=picks, by=people)
    def merge(self, pick: int, other: int, by: Actor) -> None:
        one, into = self.of("case", pick), self.of("case", other)

        def do(session: Session, stamp: Stamp) -> int:
            merge_case(session, session.get_one(Case, one), session.get_one(Case, into), stamp, "one gang")
            return 1

        if self.world.act("merge", by, do):
            self.world.leases.pop(one, None)

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people, named=st.lists(subjects, min_size=1, max_size=2))
    def split(self, pick: int, by: Actor, named: list[str]) -> None:
        self.on(
            "split",
            Case,
            self.of("case", pick),
            by,
            lambda session, it, stamp: split_case(session, it, named, stamp, "two matters"),
        )

    @precondition(lambda self: self.has("case"))
    @rule(pick=picks, by=people)
    def say(self, pick: int, by: Actor) -> None:
        self.world.act(
            "comment", by, lambda session, stamp: comment(session, session.get_one(Case, self.of("case", pick)), stamp, "hm"), traced=False
        )  # fmt: skip

    # time and clocks

    @rule(hours=st.sampled_from((0.2, 0.6, 1, 5, 26, 200)), tick=st.sampled_from((True, True, False)))
    def pass_time(self, hours: float, tick: bool) -> None:
        """Sometimes nobody is there to end what is over: nothing may depend on that."""
        self.world.now += round(hours * HOUR)
        if tick:
            self.world.act("end", SYSTEM, lambda session, stamp: expire_due(session, stamp.at), traced=False)
            self.world.act("free", SYSTEM, lambda session, stamp: free_abandoned(session, stamp.at), traced=False)
            truths.check_ended(truths.Tables(self.world), self.world.now)

    @rule(what=st.sampled_from(("start", "start", "pause", "resume", "meet")), pick=picks, hours=st.integers(0, 40))
    def clock(self, what: str, pick: int, hours: int) -> None:
        self.clocks.do(what, pick, self.world.now, self.world.now - hours * HOUR)
