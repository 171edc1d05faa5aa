"""`tocsin measure batch`: many measures in one act, planned, looked at, taken and undone at the command line."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.acts.bulk import take_part, undo_all
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.casework import find_case
from tocsin.app.cli.looped.desk import open_records, print_table, show_moment, stamp_of
from tocsin.app.cli.looped.subjects import read_subjects
from tocsin.app.faults import FaultWords
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.measures.bulk import Plan, Planned, count_batch, find_batch, foresee, plan_batch
from tocsin.measures.kind import parse_measure
from tocsin.measures.measure import NewMeasure
from tocsin.records.actor import Stamp, parse_actor

SHOWN = 100
"""Lines of a table; machines get all."""


class Wanted(Struct, frozen=True):
    """A bulk act as it was typed. `kind` is written as in rules; `reason` is each measure's, empty where it is `why`."""

    source: str
    kind: str
    basis: str
    why: str
    reason: str
    case: int | None
    typology: str
    untold: str
    by: str | None


class Shown(Struct, frozen=True):
    """A bulk act as machines read it. `taken` are its measures by state; `plan` is what taking it would come to now."""

    number: int
    by: str
    why: str
    planned: str
    applied: str | None
    undo_until: str | None
    undone: str | None
    wanted: int
    taken: dict[str, int]
    plan: Plan | None


def plan(settings: Settings, wanted: Wanted, lang: str, *, as_json: bool) -> int:
    """A dry run: what would be taken, what is in force already, what may not be. No measure is touched.

    Raises:
        InputError: the list of subjects is wrong, or there is no such case.
        MeasureWrong: there is no such measure, or no reason is given.
    """
    stamp = stamp_of(wanted.by)
    measures = _measures(wanted)
    with open_records(settings) as records, records.change() as session:
        if wanted.case is not None:
            find_case(session, wanted.case)
        found = plan_batch(session, measures, stamp, wanted.why)
    if as_json:
        print(to_json(found))
        return 0
    say = Wording(lang).say
    print(say("Bulk act {number} is planned; no measure was touched.", number=found.number))
    _tell_plan(found, lang)
    print(say("Take it with: tocsin measure batch apply {number}", number=found.number))
    return 0


def show(settings: Settings, number: int, lang: str, *, as_json: bool) -> int:
    """A bulk act as it stands, and what taking it would come to now.

    Raises:
        MeasureWrong: there is none.
    """
    now = stamp_of("reader").at
    with open_records(settings) as records, records.session() as session:
        found = _shown(session, number, now)
    return _tell(found, lang, as_json=as_json)


def apply(settings: Settings, number: int, by: str | None, lang: str, *, as_json: bool) -> int:
    """Takes everything that is planned, part after part, and shows how it stands. Interrupted, it goes on when asked again.

    Raises:
        MeasureWrong: there is no such plan, it was undone, or a measure cannot be ordered; parts before are taken.
    """
    with open_records(settings) as records:
        start: int | None = 0
        while start is not None:
            with records.change() as session:
                start = take_part(session, number, stamp_of(by), start)
        with records.session() as session:
            found = _shown(session, number, stamp_of(by).at)
    return _tell(found, lang, as_json=as_json)


def undo(settings: Settings, number: int, by: str | None, lang: str, *, as_json: bool) -> int:
    """Lifts everything that a bulk act took, and lists what could not be undone. Interrupted, it goes on when asked again.

    Raises:
        MeasureWrong: it was not applied, was undone before, or its window is closed.
    """
    with open_records(settings) as records:
        undone = undo_all(records.change, number, stamp_of(by))
    if as_json:
        print(to_json(undone))
        return 0
    say, words = Wording(lang).say, FaultWords(lang)
    print(say("{lifted:,} measures lifted", lifted=undone.lifted))
    if undone.kept:
        print(say("What could not be undone, and why:"))
        rows = [(str(measure), words.tell(why)) for measure, why in undone.kept]
        _print((say("measure"), say("Why")), rows, lang)
    return 0


def _measures(wanted: Wanted) -> list[NewMeasure]:
    written = parse_measure(wanted.kind)
    return [
        NewMeasure(
            subject=subject,
            kind=written.kind,
            scope=written.scope,
            span_us=written.span_us,
            basis=wanted.basis,
            reason=wanted.reason or wanted.why,
            case_number=wanted.case,
            typology=wanted.typology,
            untold=wanted.untold,
        )
        for subject in read_subjects(wanted.source)
    ]


def _shown(session: Session, number: int, now_us: int) -> Shown:
    batch = find_batch(session, number)
    counted = count_batch(session, batch)
    times = {"applied": batch.applied_at, "undo_until": batch.undo_until, "undone": batch.undone_at}
    would = Stamp(parse_actor(batch.by), now_us)
    return Shown(
        number=number,
        by=batch.by,
        why=batch.why,
        planned=show_moment(batch.planned_at),
        **{name: None if at is None else show_moment(at) for name, at in times.items()},
        wanted=counted.wanted,
        taken=counted.taken,
        plan=None if batch.undone_at is not None else foresee(session, batch, would),
    )


def _tell(found: Shown, lang: str, *, as_json: bool) -> int:
    if as_json:
        print(to_json(found))
        return 0
    say = Wording(lang).say
    rows = (
        (say("bulk act"), str(found.number)),
        (say("by whom"), found.by),
        (say("Why"), found.why),
        (say("planned"), found.planned),
        (say("applied"), found.applied or ""),
        (say("can be undone until"), "" if found.undone else found.undo_until or ""),
        (say("undone"), found.undone or ""),
        (say("subjects"), f"{found.wanted:,}"),
        (say("measures, by state"), ", ".join(f"{count:,} {state}" for state, count in found.taken.items())),
    )
    print_table((say("field"), say("value")), [row for row in rows if row[1]])
    if found.plan is not None:
        _tell_plan(found.plan, lang)
    return 0


def _tell_plan(found: Plan, lang: str) -> None:
    say = Wording(lang).say
    counts = {"new": found.new, "known": found.known, "refused": len(found.refused)}
    print(say("{new:,} would be taken, {known:,} are there already, {refused:,} may not be taken", **counts))
    if found.refused:
        words = FaultWords(lang)
        _print((say("No."), say("subject"), say("Why")), [_refused(each, words) for each in found.refused], lang)


def _refused(each: Planned, words: FaultWords) -> tuple[str, str, str]:
    return str(each.place + 1), each.subject, words.tell(each.why)


def _print(heads: Sequence[str], rows: Sequence[Sequence[str]], lang: str) -> None:
    print_table(heads, rows[:SHOWN])
    if len(rows) > SHOWN:
        print(Wording(lang).say("and {more:,} more", more=len(rows) - SHOWN))
